"""The examples of the PyPI package `wiremock`, and each further call that it has, against the mock at argv[1]."""

import json
import sys
from typing import Any

import requests
from wiremock.client import (  # type: ignore[import-not-found]
    GlobalSetting,
    GlobalSettings,
    HttpMethods,
    Mapping,
    MappingRequest,
    MappingResponse,
    Mappings,
    NearMisses,
    NearMissMatchPatternRequest,
    NearMissMatchRequest,
    Requests,
    Scenarios,
)
from wiremock.constants import Config  # type: ignore[import-not-found]

root = sys.argv[1]
Config.base_url = f"{root}/__admin"
seen: dict[str, Any] = {}

mapping = Mappings.create_mapping(
    Mapping(
        priority=100,
        request=MappingRequest(method=HttpMethods.GET, url="/hello"),
        response=MappingResponse(status=200, body="hi"),
        persistent=False,
    )
)
seen["mappings"] = [found.id == mapping.id for found in Mappings.retrieve_all_mappings().mappings]
seen["mapping"] = Mappings.retrieve_mapping(mapping_id=mapping.id).request.url
mapping.priority = 1
seen["updated"] = Mappings.update_mapping(mapping).priority
seen["hello"] = requests.get(f"{root}/hello", timeout=10).text
seen["nowhere"] = requests.get(f"{root}/helo", timeout=10).status_code

received = Requests.get_all_received_requests()
seen["received"] = [(one.request.method, one.request.url, one.response_definition.status) for one in received.requests]
seen["total"] = received.meta.total
seen["request"] = Requests.get_request(received.requests[1].id).request.url
hello = NearMissMatchPatternRequest(url="/hello", method=HttpMethods.GET)
seen["count"] = Requests.get_matching_request_count(hello).count
seen["found"] = [one.url for one in Requests.get_matching_requests(hello).requests]
seen["unmatched"] = [one.url for one in Requests.get_unmatched_requests().requests]
seen["unmatched near"] = Requests.get_unmatched_requests_near_misses().near_misses[0].request_pattern.method
misses = NearMisses.find_nearest_misses_by_request(NearMissMatchRequest(url="/helo", method="GET"))
seen["near operation"] = misses.near_misses[0].request_pattern.url
misses = NearMisses.find_nearest_misses_by_request_pattern(NearMissMatchPatternRequest(url="/hello", method="POST"))
seen["near request"] = (misses.near_misses[0].request.url, misses.near_misses[0].match_result.distance)

seen["settings"] = GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=5)) is not None
seen["scenarios"] = Scenarios.reset_all_scenarios().ok
seen["reset mappings"] = Mappings.reset_mappings().ok
seen["left"] = len(Mappings.retrieve_all_mappings().mappings)
mapping = Mappings.create_mapping(Mapping(request=mapping.request, response=mapping.response))
seen["deleted"] = Mappings.delete_mapping(mapping_id=mapping.id).ok
seen["all deleted"] = Mappings.delete_all_mappings().ok
seen["journal"] = Requests.reset_request_journal().ok
sys.stdout.write(json.dumps(seen))
