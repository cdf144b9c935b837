"""The appointment book: who comes when, and for what. Relational, editable, erasable.

`read_csv` and `read_ics` understand files, `plan` compares them with the book, `keeper` lets the site's writer make the
changes, `retention` erases. Names, phones and addresses stay in the table `contact` and nowhere else: the day knows an
appointment by an opaque id, and a visitor shows a code.
"""
