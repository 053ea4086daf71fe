# SPDX-License-Identifier: Apache-2.0
# One list of warnings for gcc and clang; every target links eii_options.
add_library(eii_options INTERFACE)
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
target_compile_definitions(eii_options INTERFACE _GNU_SOURCE)
target_compile_options(eii_options INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wmissing-prototypes -Wstrict-prototypes -Wundef -Wwrite-strings -Wvla
	-Wcast-qual -Wformat=2 -Wswitch-enum
	# GNU C extensions that both compilers have and the style rests on.
	$<$<C_COMPILER_ID:Clang>:-Wno-gnu-zero-variadic-macro-arguments>
	$<$<BOOL:${EII_WERROR}>:-Werror>)
target_include_directories(eii_options INTERFACE "${CMAKE_SOURCE_DIR}/include")
