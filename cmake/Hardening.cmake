# SPDX-License-Identifier: Apache-2.0
# Hardening of release builds; sanitizers bring their own checks instead.
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT EII_SANITIZE)
	target_compile_options(eii_options INTERFACE
		-fstack-protector-strong -fno-strict-overflow
		$<$<C_COMPILER_ID:GNU>:-fstack-clash-protection>
		-ftrivial-auto-var-init=zero
		$<$<AND:$<C_COMPILER_ID:GNU>,$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>>:-fcf-protection=full>
		$<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE>
		$<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=3>
		# Clang 16 and later zero variables without leave, and do not know the word.
		$<$<AND:$<C_COMPILER_ID:Clang>,$<VERSION_LESS:$<C_COMPILER_VERSION>,16>>:-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang>)
	target_link_options(eii_options INTERFACE
		-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed)
endif()
