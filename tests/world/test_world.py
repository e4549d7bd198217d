"""A World refuses to exist when wrong and says all that is wrong; a Change says what it writes; files round-trip."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import numpy as np
import pytest

from random_worlds import random_world, rebuilt
from tradewinds.core.errors import Faults, InputError, LabelError
from tradewinds.core.grades import Provenance
from tradewinds.world.change import Change
from tradewinds.world.store import load_world, open_world, save_world, single_precision
from tradewinds.world.toy import toy_world
from tradewinds.world.world import BALANCE_TOLERANCE, World

#: Seven digits of single precision, as a relative error.
SINGLE = 2.0**-24

#: Sums of a few dozen numbers of order one thousand.
ROUNDING = 1e-9


def parts() -> dict[str, object]:
    """What the toy world is built from, each array a copy that may be spoiled."""
    world = toy_world()
    names = ("trade_fob", "tariff_rate", "input_use", "value_added", "final_use", "trade_elasticity")
    return {
        "year": 2020,
        "regions": world.regions,
        "sectors": world.sectors,
        **{k: np.array(world.values(k)) for k in names},
    }


def build(**changes: object) -> World:
    return World.build("spoiled", **{**parts(), **changes})  # type: ignore[arg-type]


def spoiled(name: str, at: tuple[int, ...], value: float) -> np.ndarray:
    values = parts()[name]
    assert isinstance(values, np.ndarray)
    values[at] = value
    return values


# --------------------------------------------------------------------------------------------------------------- faults


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Faults) as caught:
        build(
            regions=("CAN", "CAN", "GBR"),
            sectors=("food", " "),
            trade_fob=spoiled("trade_fob", (0, 1, 0), np.nan),
            tariff_rate=spoiled("tariff_rate", (2, 0, 1), -1.0),
            input_use=spoiled("input_use", (1, 0, 0), -3.0),
            trade_elasticity=[4.0],
            provenance=[Provenance("trade_fob", "x", "guessed")],
        )
    said = str(caught.value)
    for what in (
        "CAN named twice",
        "blank sector label",
        "not a number",
        "out of range",
        "shape (1,)",
        "unknown grade `guessed`",
    ):
        assert what in said, what
    assert len(caught.value.faults) >= 7
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_refused_with_its_cell(value: float) -> None:
    with pytest.raises(InputError) as caught:
        build(trade_fob=spoiled("trade_fob", (2, 0, 1), value))
    assert "exporter=GBR importer=CAN sector=machines" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("trade_fob", (0, 1, 0), -1e-9),
        ("input_use", (0, 0, 0), -1.0),
        ("value_added", (0, 0), -1.0),
        ("final_use", (1, 1), -1.0),
        ("tariff_rate", (0, 1, 0), -1.0),
        ("tariff_rate", (0, 1, 0), 50.1),
        ("trade_elasticity", (0,), 0.0),
    ],
)
def test_out_of_range_is_refused(name: str, at: tuple[int, ...], value: float) -> None:
    with pytest.raises(InputError, match="out of range"):
        build(**{name: spoiled(name, at, value)})


@pytest.mark.parametrize(
    ("name", "says"),
    [("value_added", "sales differ from inputs"), ("final_use", "purchases differ from input use")],
)
def test_what_does_not_balance_is_refused(name: str, says: str) -> None:
    values = parts()[name]
    assert isinstance(values, np.ndarray)
    values[0, 0] += 1.0
    with pytest.raises(InputError) as caught:
        build(**{name: values})
    assert says in str(caught.value) and "hint" in str(caught.value)


def test_an_imbalance_below_rounding_is_let_pass() -> None:
    values = parts()["value_added"]
    assert isinstance(values, np.ndarray)
    values[0, 0] += 0.1 * BALANCE_TOLERANCE * values[0].sum()
    assert build(value_added=values).residuals()["industries"] < BALANCE_TOLERANCE


def test_inputs_beyond_sales_are_refused() -> None:
    with pytest.raises(InputError, match="value_added"):
        World.build(
            "greedy", **{**parts(), "input_use": np.full((3, 2, 2), 1e4), "value_added": None, "final_use": None}
        )  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["trade_fob", "tariff_rate", "input_use", "value_added", "final_use"])
def test_a_wrong_shape_is_refused_with_the_right_one(name: str) -> None:
    values = parts()[name]
    assert isinstance(values, np.ndarray)
    with pytest.raises(InputError) as caught:
        build(**{name: values[:2]})
    assert f"shape {(2, *values.shape[1:])}" in str(caught.value)


def test_unknown_variables_labels_and_sets_have_a_near_miss() -> None:
    world = toy_world()
    for call, hint in (
        (lambda: world.values("trade_fobb"), "trade_fob"),
        (lambda: world.cell("tariff_rate", exporter="CAM", importer="NOR", sector="food"), "CAN"),
        (lambda: world.replace(tarif_rate=0), "tariff_rate"),
        (lambda: open_world("toy33"), "toy3"),
    ):
        with pytest.raises(LabelError, match=f"did you mean `{hint}`"):
            call()
    with pytest.raises(InputError, match="needs exporter, importer, sector"):
        world.cell("tariff_rate", exporter="CAN")
    with pytest.raises(LabelError, match="not held"):
        world.values("tariff_new")


def test_nothing_can_be_altered() -> None:
    world = toy_world()
    for array in world.arrays.values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(AttributeError):
        world.name = "other"  # type: ignore[misc]
    given = np.array(world.values("trade_fob"))
    held = rebuilt(world, trade_fob=given)
    given[:] = 0
    assert held.values("trade_fob").sum() == world.values("trade_fob").sum()


def test_residuals_follow_from_the_free_arrays() -> None:
    world = random_world(3, 5, 3)
    trade, factor, use = world.values("trade_fob"), 1 + world.values("tariff_rate"), world.values("input_use")
    np.testing.assert_allclose(world.values("value_added"), trade.sum(axis=1) - use.sum(axis=1), atol=ROUNDING)
    np.testing.assert_allclose(world.values("final_use"), (trade * factor).sum(axis=0) - use.sum(axis=2), atol=ROUNDING)
    assert max(world.residuals().values()) < BALANCE_TOLERANCE


def test_the_last_statement_of_origin_that_covers_a_cell_counts() -> None:
    rows = [
        Provenance("tariff_rate", "wide", "imputed"),
        Provenance("tariff_rate", "narrow", "measured", where={"importer": ("NOR",)}),
    ]
    world = toy_world().replace(provenance=tuple(rows))
    assert world.origin("tariff_rate") == rows[0]
    assert world.origin("tariff_rate", importer="NOR", exporter="CAN", sector="food") == rows[1]
    assert world.origin("tariff_rate", importer="CAN") == rows[0]
    assert world.origin("trade_fob") is None


def test_another_set_of_elasticities() -> None:
    world = World.build("two sets", **{**parts(), "elasticity_sets": {"low": [2, 3], "high": [8, 9]}})  # type: ignore[arg-type]
    np.testing.assert_array_equal(world.with_elasticities("high").values("trade_elasticity"), [8, 9])
    np.testing.assert_array_equal(world.values("trade_elasticity"), [4, 5])
    with pytest.raises(LabelError, match="did you mean `high`"):
        world.with_elasticities("hihg")
    with pytest.raises(LabelError):
        toy_world().with_elasticities("high")


# -------------------------------------------------------------------------------------------------------------- changes


def test_a_change_writes_the_cells_it_names_and_says_why() -> None:
    world = toy_world()
    first = Change.none(world)
    second = first.write(world, "tariff_new", {"exporter": "CAN", "importer": ["NOR", "GBR"]}, 0.0, because="deal")
    expected = np.array(world.values("tariff_rate"))
    expected[0, 1:] = 0.0
    np.testing.assert_array_equal(second.values("tariff_new"), expected)
    assert "tariff_new" not in first, "the change it came from is as it was"
    assert second.because[0].where == {"exporter": ("CAN",), "importer": ("NOR", "GBR")}
    assert second.because[0].sentence == "deal"
    everything = second.write(world, "productivity_hat", {}, 1.1, because="machines")
    np.testing.assert_array_equal(everything.values("productivity_hat"), np.full((3, 2), 1.1))
    with pytest.raises(ValueError, match="read-only"):
        second.values("tariff_new")[0] = 0


def test_one_change_after_another_replaces_levels_and_multiplies_hats() -> None:
    world = toy_world()
    shape = world.values("tariff_rate").shape
    one = Change.of(world, "one", tariff_new=np.full(shape, 0.2), trade_cost_hat=np.full(shape, 1.1))
    two = Change.of(world, "two", tariff_new=np.full(shape, 0.3), trade_cost_hat=np.full(shape, 1.2))
    two = two.then(Change.of(world, "three", endowment_hat=[2, 1, 1]))
    both = one.then(two)
    np.testing.assert_allclose(both.values("tariff_new"), 0.3)
    np.testing.assert_allclose(both.values("trade_cost_hat"), 1.32)
    np.testing.assert_allclose(both.values("endowment_hat"), [2, 1, 1])
    assert [b.sentence for b in both.because] == ["one", "one", "two", "two", "three"]
    np.testing.assert_array_equal(Change.none(world).then(one).values("tariff_new"), one.values("tariff_new"))
    with pytest.raises(InputError, match="different labels"):
        one.then(Change.none(random_world(1, 4, 2)))


def test_a_change_refuses_what_it_does_not_know() -> None:
    world = toy_world()
    nothing = Change.none(world)
    for where, hint in (({"exporter": "CAM"}, "CAN"), ({"exportr": "CAN"}, "exporter")):
        with pytest.raises(LabelError, match=f"did you mean `{hint}`"):
            nothing.write(world, "tariff_new", where, 0.0, because="")
    for name, value, says in (
        ("tariff_new", np.full((3, 3, 2), -1.0), "out of range"),
        ("tariff_new", np.full((3, 3, 2), np.nan), "not a number"),
        ("tariff_new", np.zeros((3, 3)), "shape"),
        ("trade_fob", np.zeros((3, 3, 2)), "cannot be changed"),
        ("trade_cost_hat", np.zeros((3, 3, 2)), "out of range"),
    ):
        with pytest.raises(InputError, match=says):
            Change.of(world, **{name: value})  # type: ignore[arg-type]
    with pytest.raises(Faults):
        Change.of(world, tariff_new=np.full((3, 3, 2), -2.0), endowment_hat=[1, np.nan, 1])


def test_what_is_absent_is_unchanged() -> None:
    world = toy_world()
    nothing = Change.none(world)
    np.testing.assert_array_equal(nothing.now(world, "tariff_new"), world.values("tariff_rate"))
    np.testing.assert_array_equal(nothing.now(world, "endowment_hat"), np.ones(3))


# ---------------------------------------------------------------------------------------------------------------- files


def test_a_saved_world_comes_back_as_it_was_rounded(tmp_path: Path) -> None:
    world = World.build(
        "saved",
        **{**parts(), "elasticity_sets": {"low": [2, 3], "high": [8, 9]}, "value_added": None, "final_use": None},  # type: ignore[arg-type]
        provenance=[Provenance("tariff_rate", "s", "imputed", "why", {"importer": ("NOR",)})],
        adjustments=["one thing"],
        attributes={"services": ["machines"]},
    )
    path = tmp_path / "world.npz"
    rounded = save_world(world, path)
    loaded = load_world(path)
    assert list(tmp_path.iterdir()) == [path], "no temporary file stays behind"
    for name in world.arrays:
        np.testing.assert_array_equal(loaded.values(name), rounded.values(name), err_msg=name)
        scale = np.abs(world.values(name)).max()
        np.testing.assert_allclose(loaded.values(name), world.values(name), atol=20 * SINGLE * scale, err_msg=name)
    assert loaded.labels == world.labels and loaded.year == world.year and loaded.name == world.name
    assert loaded.provenance == world.provenance and loaded.adjustments == world.adjustments
    assert dict(loaded.attributes) == dict(world.attributes)
    assert open_world(str(path)).values("trade_fob").shape == (3, 3, 2)


def test_rounding_twice_is_rounding_once() -> None:
    once = single_precision(random_world(7, 5, 4, untraded=True))
    twice = single_precision(once)
    for name in once.arrays:
        np.testing.assert_array_equal(twice.values(name), once.values(name), err_msg=name)
    assert max(once.residuals().values()) < BALANCE_TOLERANCE


def test_rounding_never_makes_a_residual_negative() -> None:
    """An industry that spends all on inputs and a product that nobody consumes: both residuals are exactly nought."""
    trade = np.array([[[1 / 3, 0.0], [0.1, 0.0]], [[0.1, 0.7], [2 / 3, 0.7]]]) * 1e3
    use = np.zeros((2, 2, 2))
    use[1, 0, 1] = trade[1, :, 1].sum() / 2
    use[1, 1, 1] = trade[1, :, 1].sum() - use[1, 0, 1]
    use[0, 1, 0] = trade[1, 0, 1] * 0.3
    trade[1, 1, 0] += 2 * use[1, 0, 1]
    trade[1, 1, 1] += use[1, 1, 1]
    use[1, 1, 1] = trade[:, 1, 1].sum()
    use[1, 0, 1] = max(0.0, trade[1, :, 1].sum() - use[1, 1, 1])
    tight = World.build(
        "tight",
        year=2020,
        regions=("A", "B"),
        sectors=("x", "y"),
        trade_fob=trade,
        tariff_rate=np.zeros((2, 2, 2)),
        input_use=use,
        trade_elasticity=[4, 4],
    )
    assert tight.values("value_added")[1, 1] == pytest.approx(0.0, abs=ROUNDING)
    assert tight.values("final_use")[1, 1] == pytest.approx(0.0, abs=ROUNDING)
    rounded = single_precision(tight)
    assert rounded.values("value_added").min() >= 0 and rounded.values("final_use").min() >= 0


def attempt(path: Path) -> Exception | None:
    """What loading raises, if anything; a file that nobody closed is the matter of a test of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            load_world(path)
        except Exception as error:
            error.__context__ = None  # what it holds on to goes here, under the filter
            return error.with_traceback(None)
    return None


@pytest.mark.parametrize("kept", [0, 10, 200, 0.5, 0.98])
def test_half_a_file_is_refused(kept: float, tmp_path: Path) -> None:
    path = tmp_path / "world.npz"
    save_world(toy_world(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    raised = attempt(path)
    assert isinstance(raised, InputError)
    assert "not a world file" in str(raised) and str(path) in str(raised)


def test_half_a_file_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "world.npz"
    save_world(toy_world(), path)
    path.write_bytes(path.read_bytes()[:400])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(InputError):
            load_world(path)
        gc.collect()
    assert not told


def test_a_damaged_file_is_refused_or_unharmed(tmp_path: Path) -> None:
    """Each third byte altered in turn: only errors a person can read, never a traceback."""
    path = tmp_path / "world.npz"
    save_world(toy_world(), path)
    whole = path.read_bytes()
    strange = set()
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        raised = attempt(path)
        if raised is not None and not isinstance(raised, InputError):
            strange.add(type(raised).__name__)
    assert not strange


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_world(tmp_path / "none.npz")
    text = tmp_path / "text.npz"
    text.write_text("region,value\n")
    assert "not a world file" in str(attempt(text))
    other = tmp_path / "other.npz"
    np.savez(other, values=np.zeros(3))
    assert isinstance(attempt(other), InputError)
    with pytest.raises(InputError, match="no folder"):
        save_world(toy_world(), tmp_path / "nowhere" / "world.npz")
