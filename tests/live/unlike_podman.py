"""What Podman does otherwise than Engines, test by test, with the reason.

These tests are expected to fail where `--engine podman-...` is asked for: one that passes there
fails the run, so that its line goes when its reason does. What they miss is in `test_podman`.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Unlike:
    """Why a test fails.

    What `hangs` is not run, what fails `sometimes` may pass; `releases` are those for which it
    holds, () for all.
    """

    reason: str
    hangs: bool = False
    sometimes: bool = False
    releases: tuple[str, ...] = ()


NAMES = Unlike("names are given in full: docker.io/library/busybox:latest")
WORDS = Unlike("the same is said in other words")
SAID_SO_OR_SO = Unlike("the same is said in words of its own", sometimes=True)
DETACHED = Unlike("no event tells that keys have detached, and so it may be a cut")
NETWORK = Unlike("the containers of this Podman have no network")
WEBSOCKETS = Unlike("it has no websockets")
CHECKS = Unlike("it has no health checks without systemd", hangs=True)
UNKNOWN = Unlike("is not known, and no error")
REGISTRY = Unlike("registries are asked otherwise, and tell less")
TLS = Unlike("credentials are checked over TLS only, which the registry of the tests has not")
NO_BUILDKIT = Unlike("it has no BuildKit")
VOLUMES = Unlike("what is in a volume is not in a container that was not started")
PAST = Unlike("events until a time that has passed are refused")
PAGE = "test_the_code_of_a_page_prints_what_it_says"
TOKENS = Unlike("it knows users and passwords only, and no tokens")
NO_DISTRIBUTION = Unlike("it has no GET /distribution/{name}/json")

TESTS: dict[str, Unlike] = {
    # Containers
    "test_a_running_container_is_in_the_list": NAMES,
    "test_lists_are_narrowed_by_state_age_and_number": Unlike(
        "lists are in no order", sometimes=True
    ),
    "test_sizes_are_listed_when_they_are_asked_for": Unlike("sizes count files of its own, too"),
    "test_an_unknown_filter_is_a_bad_request": WORDS,
    "test_a_container_is_created_as_it_was_asked_for": NAMES,
    "test_a_name_that_is_taken_is_a_conflict": WORDS,
    "test_creating_from_a_missing_image_is_image_not_found": WORDS,
    "test_run_says_what_is_missing_and_pulls_nothing[volume driver]": UNKNOWN,
    "test_top_lists_the_processes_by_the_titles_of_ps": Unlike(
        "arguments of ps list the processes of the machine"
    ),
    "test_top_of_a_container_that_does_not_run_is_a_conflict": WORDS,
    "test_stats_come_once_or_as_a_stream": NETWORK,
    "test_starting_a_container_that_runs_changes_nothing": Unlike(
        "the state keeps the refusal", releases=("5",)
    ),
    "test_a_signal_that_the_engine_does_not_know_is_a_bad_request": WORDS,
    "test_killing_what_does_not_run_is_refused_from_api_1_20_on": WORDS,
    "test_a_renamed_container_is_found_by_its_new_name_only": WORDS,
    "test_renaming_to_a_name_that_is_taken_is_a_conflict": Unlike(
        "the same is said in other words", releases=("5",)
    ),
    "test_stats_of_a_container_that_does_not_run_have_no_time": Unlike(
        "there are none", releases=("4.3",)
    ),
    "test_pausing_twice_is_a_conflict": WORDS,
    "test_unpausing_what_is_not_paused_is_an_error": WORDS,
    "test_a_running_container_is_removed_by_force_only": WORDS,
    "test_a_missing_path_is_not_found": WORDS,
    "test_what_the_engine_says_of_two_settings_itself": Unlike(
        "some of them are taken together", sometimes=True
    ),
    "test_ports_and_variables_as_text_are_what_the_command_line_makes_of_them": Unlike(
        "the command line cannot read its answer"
    ),
    # Archives
    "test_a_folder_of_every_container_is_copied_out": Unlike("it puts no link into /etc"),
    "test_a_path_that_leads_nowhere_is_named_in_words[below a file]": Unlike(
        "the file is a place that is no directory, and so a bad request"
    ),
    "test_a_path_that_leads_nowhere_is_named_in_words[a long name]": Unlike(
        "its words may be those of a pipe that broke", sometimes=True, releases=("4.3",)
    ),
    "test_what_is_copied_in_belongs_to_whom_it_is_to_belong": Unlike(
        "what comes out belongs to root, whoever owns it in the container"
    ),
    # Images
    "test_an_image_is_listed_with_all_its_tags": NAMES,
    "test_an_unknown_filter_of_images_is_a_bad_request": WORDS,
    "test_a_built_image_is_inspected_and_has_a_layer_per_instruction": NAMES,
    "test_a_tagged_image_has_one_more_name": NAMES,
    "test_removing_tells_what_was_untagged_and_deleted": NAMES,
    "test_an_image_that_a_container_uses_is_removed_by_force_only": WORDS,
    "test_a_directory_is_built": Unlike("onbuild and others are left out of the configuration"),
    "test_an_archive_from_a_file_object_is_built": NAMES,
    "test_a_dockerfile_of_another_name_and_folder_is_built": NAMES,
    "test_a_step_that_fails_is_named_with_its_exit_code_and_the_log": WORDS,
    "test_a_text_that_is_no_dockerfile_is_a_bad_request": Unlike("it is reported in the stream"),
    "test_a_build_whose_reader_leaves_is_cancelled": Unlike("it is no container in the list"),
    "test_an_image_is_saved_removed_and_loaded": NAMES,
    "test_several_images_are_saved_into_one_file": NAMES,
    "test_saving_a_missing_image_is_image_not_found": WORDS,
    "test_loading_what_is_no_archive_fails": Unlike("it is refused before the stream"),
    "test_an_exported_container_is_imported_as_an_image": NAMES,
    "test_importing_what_is_no_archive_is_the_engines_error": SAID_SO_OR_SO,
    "test_searching_where_there_is_no_registry_is_the_engines_error": SAID_SO_OR_SO,
    "test_a_pushed_image_is_pulled_again": REGISTRY,
    "test_all_tags_are_pushed_and_pulled": Unlike("a push is of one tag"),
    "test_a_tag_that_the_registry_has_not_is_not_found": WORDS,
    "test_pulling_and_pushing_as_nobody_is_refused": WORDS,
    "test_an_image_that_is_not_there_is_not_pushed": WORDS,
    "test_a_registry_that_is_not_there_is_the_engines_error": WORDS,
    "test_a_login_is_checked_by_the_registry": TLS,
    "test_a_wrong_password_is_refused": TLS,
    "test_what_a_registry_finds_is_told": REGISTRY,
    # Registries
    "test_what_a_registry_has_under_a_name": NO_DISTRIBUTION,
    "test_a_newer_image_under_a_tag_is_found_and_pulled": NO_DISTRIBUTION,
    "test_stored_credentials_serve_login_push_and_pull": TLS,
    "test_stored_credentials_serve_a_build": Unlike("the builder adds a label of its own"),
    "test_a_wrong_password_is_refused_everywhere": TLS,
    "test_nobody_is_refused_everywhere": WORDS,
    "test_a_push_that_is_denied_says_why": WORDS,
    "test_a_registry_that_takes_no_more_requests_is_rate_limited": Unlike(
        "it asks again, after ever longer pauses", hangs=True
    ),
    "test_an_identity_token_takes_the_place_of_the_password": TLS,
    "test_an_identity_token_that_is_stored_is_used": TOKENS,
    "test_a_registry_token_is_shown_to_the_registry": TOKENS,
    "test_what_a_token_does_not_allow_is_refused": TOKENS,
    "test_what_the_registry_has_not_is_not_found": WORDS,
    "test_a_registry_that_went_down_is_named": WORDS,
    # Made again
    "test_in_two_networks_with_an_address_that_was_asked_for": NETWORK,
    "test_in_a_network_of_the_engine[bridge]": NETWORK,
    "test_in_a_network_of_the_engine[default]": NETWORK,
    "test_in_a_network_of_the_engine[host]": Unlike(
        "inspect has variables of its own among those given", releases=("4.3",)
    ),
    "test_in_a_network_of_the_engine": Unlike("inspect has variables of its own among those given"),
    # Exec, commit, events
    "test_a_paused_container_runs_no_commands": WORDS,
    "test_an_unknown_exec_instance_is_not_found": WORDS,
    "test_info_counts_the_containers": Unlike("its id is another one at each question"),
    "test_a_committed_container_is_an_image": NAMES,
    "test_committing_a_missing_container_is_not_found": WORDS,
    "test_an_instruction_that_a_commit_does_not_take_is_a_bad_request": Unlike("it is a 500"),
    "test_events_tell_the_life_of_a_container": NAMES,
    "test_events_go_on_after_any_of_them": PAST,
    "test_32_threads_share_a_client_and_leave_nothing_behind": PAST,
    "test_events_begin_and_end_at_a_time_in_any_form[int]": Unlike(
        "there are more events, and none where `until` has passed"
    ),
    # Streams
    "test_logs_are_cut_by_number_and_by_time": Unlike("times of lines are whole seconds"),
    "test_logs_of_a_missing_container_raise_container_not_found": WORDS,
    "test_attaching_to_a_paused_container_is_the_engines_conflict": WORDS,
    "test_a_websocket_carries_input_and_output_as_one_stream": WEBSOCKETS,
    "test_input_that_the_container_does_not_read_is_no_error": Unlike(
        "what is wrong with the input is said on stderr"
    ),
    "test_followed_logs_go_on_until_the_container_ends": Unlike(
        "they go on after it", hangs=True, releases=("4.3",)
    ),
    "test_attaching_with_logs_begins_with_what_was_written": Unlike(
        "what was written is cut at its end of line", releases=("4.3",)
    ),
    "test_iteration_stops_within_a_second_of_close_in_another_thread[websocket]": WEBSOCKETS,
    # Contexts
    "test_exceptions_below_a_folder_count_as_the_builder_says[buildkit]": NO_BUILDKIT,
    "test_a_build_that_is_stopped_stops_on_the_engine": Unlike(
        "no event tells of the container of a step", hangs=True
    ),
    # Attaching
    "test_a_container_that_is_killed_between_inspect_and_attach_does_not_hang"
    "[attach_websocket-nothing came]": WEBSOCKETS,
    "test_a_container_that_is_killed_between_inspect_and_attach_does_not_hang"
    "[attach_websocket-its log came]": WEBSOCKETS,
    "test_a_container_that_is_killed_between_inspect_and_attach_does_not_hang"
    "[attach-its log came]": Unlike("its end of line is cut off", releases=("4.3",)),
    "test_attaching_to_containers_that_end_at_random_never_hangs[attach]": Unlike(
        "its logs end in four seconds of silence, each of 240 times", hangs=True
    ),
    "test_attaching_to_containers_that_end_at_random_never_hangs[attach_websocket]": WEBSOCKETS,
    "test_a_container_that_is_removed_before_it_was_started_does_not_hang[attach]": Unlike(
        "the stream ends with the container, started or not"
    ),
    "test_a_container_that_is_removed_before_it_was_started_does_not_hang[attach_websocket]": (
        WEBSOCKETS
    ),
    "test_an_attachment_that_has_only_an_input_ends_with_it": Unlike(
        "it ends with the container", hangs=True
    ),
    "test_an_exec_without_an_output_ends_with_its_input[no stream at all]": Unlike(
        "it is refused: one stream at least"
    ),
    "test_an_exec_without_an_output_ends_with_its_input[an input]": Unlike(
        "it ends with the command", hangs=True
    ),
    "test_an_exec_that_is_started_a_second_time_is_a_conflict": WORDS,
    # Waiting
    "test_a_container_is_waited_for_until_it_is_healthy": CHECKS,
    "test_one_that_is_unhealthy_is_waited_for_no_longer": CHECKS,
    # Ends
    "test_a_container_that_does_not_start_ends_its_stream": Unlike("it is refused at the attach"),
    "test_keys_that_detach_end_the_stream_of_a_container_that_goes_on": DETACHED,
    "test_keys_of_ones_own_detach": DETACHED,
    "test_keys_that_detach_from_an_exec_leave_no_words_in_its_output": DETACHED,
    "test_a_connection_that_is_closed_in_between_is_no_end[exec]": Unlike(
        "it has no event of an exec's end, and the error says so"
    ),
    # Examples
    "test_an_example_prints_what_it_promises[follow_logs.py]": Unlike(
        "there is no answer to a question for logs before something was written", hangs=True
    ),
    "test_an_example_prints_what_it_promises[save_image.py]": NAMES,
    "test_an_example_prints_what_it_promises[talk_by_name.py]": NETWORK,
    "test_the_example_of_buildkit_takes_files_out": NO_BUILDKIT,
    "test_the_example_of_volumes_restores_what_it_saved": VOLUMES,
    f"{PAGE}[docs/cookbook.md]": NO_BUILDKIT,
    f"{PAGE}[docs/guides/any-request.md]": Unlike("its own network is called podman"),
    f"{PAGE}[docs/guides/building.md]": WORDS,
    f"{PAGE}[docs/guides/containers.md]": CHECKS,
    f"{PAGE}[docs/guides/errors.md]": WORDS,
    f"{PAGE}[docs/guides/networks.md]": NETWORK,
    f"{PAGE}[docs/guides/plugins.md]": Unlike("it has no plugins"),
    f"{PAGE}[docs/guides/volumes.md]": VOLUMES,
    f"{PAGE}[docs/guides/which-builder.md]": NO_BUILDKIT,
    "test_the_code_in_the_readme_prints_what_it_says": WORDS,
}


def unlike(name: str, parameters: str, release: str) -> Unlike | None:
    """Why a test fails on a release, if it does; `parameters` are in its id."""
    found = TESTS.get(f"{name}[{parameters}]") or TESTS.get(name)
    if found is None or (found.releases and not release.startswith(found.releases)):
        return None
    return found
