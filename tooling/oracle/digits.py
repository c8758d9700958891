"""The digits that scikit-learn ships, as CSV: 64 pixels (0 to 16) of an 8 x 8 image a row, row by row, then the digit.

    python tooling/oracle/digits.py > examples/digits/data/digits.csv

They are the test part of the Optical Recognition of Handwritten Digits data (E. Alpaydin, C. Kaynak, 1998, UCI Machine Learning
Repository, https://doi.org/10.24432/C50P49), licensed under CC BY 4.0.
"""
from sklearn.datasets import load_digits

digits = load_digits()
print(",".join([f"p{row}{column}" for row in range(8) for column in range(8)] + ["digit"]))
for pixels, digit in zip(digits.data, digits.target):
    print(",".join(str(int(v)) for v in [*pixels, digit]))
