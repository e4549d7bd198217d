function nested_loops (folder, tolerance, damping)
  % Nested algorithm of Caliendo and Parro (2015, appendix), written from the paper: wages outside, prices inside, the
  % expenditures of all economies and sectors as one dense linear system. Reads little-endian doubles from FOLDER,
  % writes wage.bin and income.bin there and prints: seconds rounds residual.
  sizes = take (folder, "sizes", [2 1]);
  n = sizes(1); J = sizes(2);
  share0 = take (folder, "share", [n J n]);
  factor0 = take (folder, "factor0", [n J n]);
  factor = take (folder, "factor", [n J n]);
  labour = take (folder, "labour", [n J]);
  inputs = take (folder, "inputs", [n J J]);
  final = take (folder, "final", [n J]);
  added = take (folder, "added", [n 1]);
  deficit = take (folder, "deficit", [n 1]);
  theta = take (folder, "theta", [1 J]);

  tic;
  A = cell (n, 1);
  for m = 1:n
    A{m} = reshape (inputs(m, :, :), J, J);
  end
  resistance = share0 .* (factor ./ factor0) .^ (-reshape (theta, 1, J, 1));
  by_sector = cell (J, 1);
  for j = 1:J
    by_sector{j} = reshape (resistance(:, j, :), n, n);
  end
  wage = ones (n, 1);
  price = ones (n, J);
  residual = Inf;
  rounds = 0;
  while residual >= tolerance && rounds < 5000
    rounds++;
    gap = Inf;
    inner = 0;
    while gap >= tolerance / 10 && inner < 2000
      inner++;
      log_cost = labour .* log (wage);
      for m = 1:n
        log_cost(m, :) += log (price(m, :)) * A{m};
      end
      new = ones (n, J);
      for j = 1:J
        total = by_sector{j} * exp (-theta(j) * log_cost(:, j));
        bought = total > 0;
        new(bought, j) = total(bought) .^ (-1 / theta(j));
      end
      gap = max (abs (new(:) - price(:)));
      price = new;
    end
    net = zeros (n, J, n);
    kept = zeros (n, J);
    for j = 1:J
      share = by_sector{j} .* exp (-theta(j) * log_cost(:, j))' .* price(:, j) .^ theta(j);
      part = share ./ reshape (factor(:, j, :), n, n);
      net(:, j, :) = part;
      kept(:, j) = sum (share, 2) - sum (part, 2);
    end
    system = eye (n * J);
    for m = 1:n
      columns = (m - 1) * J + (1:J);
      for i = 1:n
        system((i - 1) * J + (1:J), columns) -= A{i} .* net(m, :, i);
      end
      system(columns, columns) -= final(m, :)' * kept(m, :);
    end
    earned = wage .* added + deficit;
    spending = reshape (system \ reshape ((final .* earned)', n * J, 1), J, n)';
    income = earned + sum (kept .* spending, 2);
    flow = net .* spending;
    exports = reshape (sum (sum (flow, 1), 2), n, 1);
    imports = sum (sum (flow, 3), 2);
    imbalance = (exports - imports + deficit) ./ (wage .* added);
    residual = max (abs (imbalance));
    if residual >= tolerance
      wage = wage .* (1 + damping * imbalance);
      wage *= sum (added) / sum (wage .* added);
    end
  end
  seconds = toc;
  put (folder, "wage", wage);
  put (folder, "income", income);
  printf ("%.6f %d %.3e\n", seconds, rounds, residual);
end

function values = take (folder, name, shape)
  handle = fopen (fullfile (folder, [name ".bin"]), "r", "ieee-le");
  values = reshape (fread (handle, Inf, "double"), shape);
  fclose (handle);
end

function put (folder, name, values)
  handle = fopen (fullfile (folder, [name ".bin"]), "w", "ieee-le");
  fwrite (handle, values, "double");
  fclose (handle);
end
