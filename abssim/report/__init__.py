"""Results as files: cash flows in CSV and Parquet, a workbook, a JSON document."""
