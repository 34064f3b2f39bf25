"""What a column is: kinds, columns, tables. One definition for page, event, API and import."""
