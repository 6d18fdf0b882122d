"""Tables of names: paging parameters, operators, envelope members; and names compared in any spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mockserver.spelling import plain


def named(*lines: str) -> frozenset[str]:
    """Returns the words of some lines."""
    return frozenset(" ".join(lines).split())


def _table(**meanings: str) -> Mapping[str, str]:
    return {plain(name): meaning for meaning, names in meanings.items() for name in names.split()}


PAGING: Final = _table(
    limit="limit per_page page_size page_limit size count max_results max_items max_entries max top $top take rows "
    "pagelen page_len first results_per_page items_per_page num_results page[size] page[limit] max_page_size",
    offset="offset skip start $skip start_index from page[offset] first_result start_at starting_index",
    page="page page_number page_no page_num page_index p page[number] current_page",
    after="cursor after starting_after page_token next_token next_page_token continue marker next_cursor start_cursor "
    "page[after] page[cursor] exclusive_start_key continuation_token nextmarker scroll_id bookmark "
    "$skiptoken skiptoken page_info pagination_token after_id since_id next_key start_key paging_token",
    before="before ending_before page[before] end_cursor before_id",
)
"""Query parameters of paging, by plain name: their meanings."""

SORTING: Final = _table(
    sort="sort sort_by order_by ordering $orderby orderby order sort_field sort_key sort_column",
    direction="direction dir sort_order sort_direction sort_dir order_direction order_dir sorting_order",
)

SEARCHES: Final = frozenset(
    map(plain, (
        "q", "query", "search", "$search", "keyword", "keywords", "search_term", "search_terms", "search_query",
        "search_text", "search_string", "search_keyword", "search_for", "term", "terms", "s", "free_text", "full_text",
        "full_text_search", "fts", "fulltext_query", "text", "query_string", "query_text", "filter_text",
        "search[value]", "quick_search", "quicksearch", "global_search", "phrase", "needle", "find",
    ))
)  # fmt: skip
"""Query parameters of lists, by plain name, that search for words in the texts of records."""

EXPRESSIONS: Final = frozenset(
    map(plain, ("filter", "filters", "$filter", "where", "filter_by", "filter_query", "filter_expression", "condition",
                "conditions", "criteria", "rsql", "fiql"))
)  # fmt: skip
"""Query parameters of lists, by plain name, whose text is a filter expression."""

COMPARISONS: Final = _table(
    equal="eq equals exact iexact",
    other="ne neq not not_equal not_eq",
    **{"in": "in one_of any_of"},
    none="nin not_in none_of",
    gte="gte ge gteq min minimum from since at_least greater_than_or_equal greater_than_or_equals",
    lte="lte le lteq max maximum to until at_most less_than_or_equal less_than_or_equals",
    gt="gt after greater_than newer_than",
    lt="lt before less_than older_than",
    between="between range",
    part="like ilike contains icontains cont i_cont includes matches",
    start="starts_with istarts_with prefix start",
    end="ends_with iends_with suffix end",
    there="exists present not_null is_not_null",
    missing="is_null isnull null blank empty",
)
"""Words beside a member's name in a query parameter, by plain name: the operator. `gt` and `lt` exclude the bound."""

MARKS: Final = _table(
    total="total total_count total_items total_results total_elements total_records total_size total_entries "
    "record_count item_count results_total @odata.count number_of_results count_total num_results total_hits "
    "total_matches "
    "num_found total_rows row_count total_num result_total total_result_count total_available full_count",
    count="count number_of_elements result_count page_count_items items_count returned fetched",
    limit="limit per_page page_size items_per_page results_per_page max_results pagelen page_len max_per_page",
    size="size",
    offset="offset skip start start_index start_at",
    begin="from first_item start_item",
    end="to last_item end_item",
    first_id="first_id first_record_id",
    last_id="last_id last_record_id last_evaluated_key",
    rest="remaining remaining_count items_remaining remaining_item_count",
    page="page page_number current_page page_index number",
    pages="total_pages pages page_count last_page num_pages number_of_pages pages_total max_page last_page_number "
    "total_page max_pages",
    more="has_more has_next has_next_page more is_truncated more_available has_additional_pages",
    fewer="has_previous has_prev has_previous_page has_prev_page has_less",
    first_flag="first is_first",
    last_flag="last is_last last_page_flag",
    next="next next_cursor next_page_token next_token cursor next_page continue continuation_token next_marker "
    "end_cursor next_offset next_url next_uri next_page_uri next_page_url next_link next_href @odata.nextlink after",
    previous="previous prev previous_page previous_cursor prev_cursor previous_page_uri prev_page_url previous_url "
    "previous_link prev_page previous_page_url before start_cursor",
    self="self",
    path="url",
    first="first_page_uri first_page_url first_url",
    last="last_page_uri last_page_url last_url",
    empty="empty",
)
"""Members of a list's envelope, by plain name: their meanings for the page."""

LISTS: Final = named("data items results records values entries list content objects rows elements value hits docs")
"""Names of the envelope member that is the list, beside the collection's own name."""

WRAPPERS: Final = named("data result response item object payload entity resource record body value")
"""Names of the member that is the record, beside the collection's own name."""


def same_name(one: str, others: Iterable[str]) -> str | None:
    """Returns the first of the others that is the same name in some spelling; None where none is."""
    wanted = plain(one)
    return next((other for other in others if plain(other) == wanted), None)
