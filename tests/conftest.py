"""Its place puts this folder on the import path, so that every room's tests can use `random_worlds`."""
