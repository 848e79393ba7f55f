answer(sum(int(line) for line in file_read(path="numbers.txt").splitlines()))
