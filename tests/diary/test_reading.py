from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum.diary.reading import DiaryError, DiaryNotFoundError, read_day_table
from philtrum.diary.table import DayTable

TODAY = date(2026, 6, 30)
NAN = float("nan")


@pytest.fixture
def read(tmp_path):
    """Read a text as a diary file; give the table and the ids and texts of the remarks."""

    def read_text(text, encoding="utf-8", **options):
        path = tmp_path / "diary.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        table, remarks = read_day_table(path, today=TODAY, **options)
        return table, {remark.id: remark.text for remark in remarks}

    return read_text


def columns(table):
    return {name: values.tolist() for name, values in table.columns.items()}


def test_a_clean_file_is_read_without_remarks(read):
    table, remarks = read("date,episodes,sleep_hours\n2026-01-01,3,7.5\n2026-01-02,0,8\n")
    assert table.first_day == date(2026, 1, 1)
    assert columns(table) == {"episodes": [3.0, 0.0], "sleep_hours": [7.5, 8.0]}
    assert remarks == {}


def test_a_blank_cell_is_not_recorded_and_never_zero(read):
    table, remarks = read("date,episodes,stress\n2026-01-01,3,\n2026-01-02,NA,4\n")
    np.testing.assert_array_equal(table.columns["stress"], [NAN, 4])
    np.testing.assert_array_equal(table.columns["episodes"], [3, NAN])
    assert remarks == {}


def test_a_missing_row_leaves_its_place_in_the_calendar(read):
    table, _ = read("date,episodes\n2026-01-01,3\n2026-01-04,5\n")
    assert [day.day for day in table.days] == [1, 2, 3, 4]
    np.testing.assert_array_equal(table.columns["episodes"], [3, NAN, NAN, 5])


def test_unsorted_rows_are_sorted_and_said(read):
    table, remarks = read("date,episodes\n2026-01-02,5\n2026-01-01,3\n")
    assert columns(table) == {"episodes": [3.0, 5.0]}
    assert "Row 3, column date" in remarks["diary-unsorted"]


def test_two_rows_of_a_day_are_merged_and_their_contradictions_left_blank(read):
    table, remarks = read("date,episodes,stress,water_l\n2026-01-01,3,2,\n2026-01-01,3,4,1.5\n")
    np.testing.assert_array_equal([values[0] for values in table.columns.values()], [3, NAN, 1.5])
    assert "Rows 2 and 3, column stress" in remarks["diary-day-twice"]


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        ("many", "diary-not-a-number"),
        ("-2", "diary-negative"),
        ("1000000", "diary-too-large"),
        ("inf", "diary-not-a-number"),
    ],
)
def test_a_cell_that_cannot_be_is_left_blank_and_named_by_row_and_column(read, cell, id):
    table, remarks = read(f"date,episodes\n2026-01-01,3\n2026-01-02,{cell}\n2026-01-03,1\n")
    np.testing.assert_array_equal(table.columns["episodes"], [3, NAN, 1])
    assert f'Row 3, column episodes: "{cell}"' in remarks[id]


def test_a_column_of_ones_own_may_be_negative_but_not_without_bounds(read):
    table, remarks = read("date,episodes,mood\n2026-01-01,3,-4\n2026-01-02,3,1e300\n")
    np.testing.assert_array_equal(table.columns["mood"], [-4, NAN])
    assert "Row 3, column mood" in remarks["diary-too-large"]


def test_many_wrong_cells_of_a_kind_are_counted_after_the_first_three(read):
    rows = "".join(f"{date(2026, 1, 1) + timedelta(days=k)},{'x' if k % 3 == 0 else 2}\n" for k in range(30))
    _table, remarks = read("date,episodes\n" + rows)
    assert "7 more" in remarks["diary-not-a-number"]


def test_a_column_of_words_is_left_out_with_one_remark(read):
    table, remarks = read("date,episodes,note\n2026-01-01,3,tired\n2026-01-02,2,fine\n")
    assert list(table.columns) == ["episodes"]
    assert list(remarks) == ["diary-column-of-words"]


def test_yes_and_no_are_one_and_zero(read):
    table, _ = read("date,episodes,medication\n2026-01-01,3,yes\n2026-01-02,2,No\n")
    assert columns(table)["medication"] == [1.0, 0.0]


def test_words_are_kept_where_they_are_asked_for(read):
    table, _ = read("date,episodes,Arm\n2026-01-01,3,A\n2026-01-03,2,B\n", labels=["arm"])
    assert table.labels["arm"] == ("A", "", "B")


def test_a_column_of_ones_own_keeps_its_spelling(read):
    table, _ = read("Date,Episodes,Cups of Tea\n2026-01-01,3,2\n")
    assert list(table.columns) == ["episodes", "Cups of Tea"]


@pytest.mark.parametrize(
    "text", ["date;episodes;sleep_hours\n2026-01-01;3;7,5\n", 'date,episodes,sleep_hours\n2026-01-01,3,"7,5"\n']
)
def test_decimal_commas_are_read_where_they_leave_no_doubt(read, text):
    table, _ = read(text)
    assert columns(table)["sleep_hours"] == [7.5]


def test_a_thousands_comma_is_not_taken_for_a_decimal(read):
    table, remarks = read('date,episodes,caffeine_mg\n2026-01-01,3,"1,200"\n2026-01-02,3,200\n')
    np.testing.assert_array_equal(table.columns["caffeine_mg"], [NAN, 200])
    assert "Row 2, column caffeine_mg" in remarks["diary-not-a-number"]


def test_unquoted_decimal_commas_are_refused_with_the_first_row(read):
    with pytest.raises(DiaryError, match=r"row 2: the row has 4 cells, the heading 3") as caught:
        read("date,episodes,sleep_hours\n2026-01-01,3,7,5\n2026-01-02,3,8,5\n")
    assert caught.value.id == "diary-rows-uneven"


def test_one_uneven_row_is_left_out(read):
    table, remarks = read("date,episodes\n2026-01-01,3\n2026-01-02,3,9\n2026-01-03,1\n")
    np.testing.assert_array_equal(table.columns["episodes"], [3, NAN, 1])
    assert "Row 3" in remarks["diary-row-uneven"]


@pytest.mark.parametrize(
    "written", ["2026-03-31", "2026/03/31", "31.3.2026", "31/03/2026", "3/31/2026", "46112", "2026-03-31 00:00:00"]
)
def test_dates_are_read_in_the_usual_spellings(read, written):
    table, _ = read(f"date,episodes\n{written},3\n")
    assert table.first_day == date(2026, 3, 31)


def test_dates_that_may_be_two_days_are_refused(read):
    with pytest.raises(DiaryError) as caught:
        read("date,episodes\n3/4/2026,3\n4/4/2026,2\n")
    assert caught.value.id == "diary-date-ambiguous"


def test_one_clear_date_settles_the_order_of_the_others(read):
    table, _ = read("date,episodes\n31/3/2026,3\n1/4/2026,2\n")
    assert table.days == (date(2026, 3, 31), date(2026, 4, 1))


def test_spreadsheet_day_numbers_are_read_and_said(read):
    table, remarks = read("date,episodes\n46112,3\n46113,2\n")
    assert table.first_day == date(2026, 3, 31)
    assert "diary-date-serial" in remarks


def test_rows_in_the_future_and_without_a_date_are_left_out(read):
    table, remarks = read("date,episodes\n2026-01-01,3\n2027-01-01,9\nsoon,4\n")
    assert columns(table) == {"episodes": [3.0]}
    assert "Row 3" in remarks["diary-date-future"]
    assert "Row 4" in remarks["diary-date-unreadable"]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("", "diary-empty"),
        ("date,episodes\n", "diary-empty"),
        ("day,episodes\n2026-01-01,3\n", "diary-no-date-column"),
        ("date,episodes\nsoon,3\n", "diary-no-days"),
        ("date,note\n2026-01-01,fine\n", "diary-no-numbers"),
        (b"PK\x03\x04rest of a workbook", "diary-not-text"),
        (b"date\0\0\0", "diary-not-text"),
        ('date,episodes\n2026-01-01,"3\n' + "x" * 200_000, "diary-not-a-table"),
    ],
)
def test_a_file_without_a_readable_day_is_an_error_with_its_id(read, text, id):
    with pytest.raises(DiaryError) as caught:
        read(text)
    assert caught.value.id == id


def test_a_file_that_is_not_there_is_said_without_its_folder(tmp_path):
    with pytest.raises(DiaryNotFoundError) as caught:
        read_day_table(tmp_path / "diary.csv")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_spreadsheets_are_read(read, encoding):
    table, _ = read("date,episodes,Café\n2026-01-01,3,2\n", encoding=encoding)
    assert list(table.columns) == ["episodes", "Café"]


@settings(deadline=None)
@given(
    st.dictionaries(st.dates(date(2020, 1, 1), date(2026, 6, 30)), st.integers(0, 500), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_change_the_table(tmp_path_factory, counts, random):
    path = tmp_path_factory.mktemp("diary") / "diary.csv"
    rows = [f"{day},{count}" for day, count in counts.items()]
    random.shuffle(rows)
    path.write_text("date,episodes\n" + "\n".join(rows))
    table, _ = read_day_table(path, today=TODAY)
    found = {
        day: int(value) for day, value in zip(table.days, table.columns["episodes"], strict=True) if value == value
    }
    assert found == counts


def test_rows_of_a_table_are_a_table_with_their_own_dates():
    table = DayTable(date(2026, 1, 1), {"episodes": np.arange(5.0)}, {"arm": tuple("AABBA")})
    part = table.rows(1, 3)
    assert part.days == (date(2026, 1, 2), date(2026, 1, 3))
    assert part.columns["episodes"].tolist() == [1.0, 2.0]
    assert part.labels["arm"] == ("A", "B")


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        DayTable(date(2026, 1, 1), {"episodes": np.zeros(3), "stress": np.zeros(2)})
