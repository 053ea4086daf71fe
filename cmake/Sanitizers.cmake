# SPDX-License-Identifier: Apache-2.0
# EII_SANITIZE=address,undefined or thread. The converter's jail is relaxed in
# such builds (a sanitizer's runtime needs system calls that the jail forbids).
if(EII_SANITIZE)
	target_compile_options(eii_options INTERFACE
		-fsanitize=${EII_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	target_link_options(eii_options INTERFACE -fsanitize=${EII_SANITIZE})
	target_compile_definitions(eii_options INTERFACE EII_SANITIZED=1)
endif()
# What a fuzz target links tells libFuzzer which edges an input reaches; without that it searches blindly.
if(EII_FUZZ)
	target_compile_options(eii_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
