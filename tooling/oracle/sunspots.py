"""The yearly mean numbers of sunspots, 1700 to 2008, that statsmodels ships, as CSV.

    python tooling/oracle/sunspots.py > examples/sunspots/data/sunspots.csv

Source: SIDC, Royal Observatory of Belgium, by way of NOAA's National Geophysical Data Center; in the public domain.
"""
import statsmodels.api as sm

data = sm.datasets.sunspots.load_pandas().data
print("year,sunspots")
for year, count in zip(data["YEAR"], data["SUNACTIVITY"]):
    print(f"{int(year)},{count:g}")
