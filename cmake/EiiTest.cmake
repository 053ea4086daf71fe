# SPDX-License-Identifier: Apache-2.0
# eii_unit_test(<layer> <module> [SOURCES more.c ...] [DEPENDS layer ...] [LIBRARIES target ...])
# builds test_<module>.c of the calling folder and links the layer it tests. Two layers may have a
# module of one name.
function(eii_unit_test layer module)
	cmake_parse_arguments(T "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
	list(TRANSFORM T_DEPENDS PREPEND eii_)
	set(test ${layer}_test_${module})
	add_executable(${test} test_${module}.c ${T_SOURCES})
	target_link_libraries(${test} PRIVATE eii_${layer} ${T_DEPENDS} ${T_LIBRARIES} PkgConfig::CMOCKA)
	target_include_directories(${test} PRIVATE
		"${CMAKE_SOURCE_DIR}/tests/unit" "${CMAKE_SOURCE_DIR}/src/${layer}")
	target_compile_definitions(${test} PRIVATE
		EII_TEST_DATA="${CMAKE_SOURCE_DIR}/tests" EII_SHARED_DIR="${EII_SHARED_DIR}")
	set_target_properties(${test} PROPERTIES OUTPUT_NAME test_${module})
	add_test(NAME unit.${layer}.${module} COMMAND ${test})
	set_tests_properties(unit.${layer}.${module} PROPERTIES
		LABELS unit TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

# eii_fuzz_target(<module> <layer> ...): tests/fuzz/fuzz_<module>.c with its corpus folder.
# With EII_FUZZ it is a libFuzzer program, else one that replays the corpus as a plain test.
function(eii_fuzz_target module)
	add_executable(fuzz_${module} fuzz_${module}.c)
	list(TRANSFORM ARGN PREPEND eii_ OUTPUT_VARIABLE layers)
	target_link_libraries(fuzz_${module} PRIVATE ${layers})
	if(EII_FUZZ)
		target_compile_options(fuzz_${module} PRIVATE -fsanitize=fuzzer)
		target_link_options(fuzz_${module} PRIVATE -fsanitize=fuzzer)
	else()
		target_sources(fuzz_${module} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c")
		add_test(NAME fuzz.${module}
			COMMAND fuzz_${module} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${module}")
		set_tests_properties(fuzz.${module} PROPERTIES LABELS fuzz TIMEOUT 300)
	endif()
endfunction()
