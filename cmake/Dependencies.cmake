# SPDX-License-Identifier: Apache-2.0
# Every outside library, found on the system; which layer may use which one is
# said in docs/architecture.md and checked by the layers lint.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

function(eii_pkg name module)
	pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
endfunction()

# A library that has no pkg-config file.
function(eii_library name header library)
	find_path(${name}_INCLUDE_DIR ${header} REQUIRED)
	find_library(${name}_LIBRARY ${library} REQUIRED)
	add_library(EII::${name} UNKNOWN IMPORTED GLOBAL)
	set_target_properties(EII::${name} PROPERTIES
		IMPORTED_LOCATION "${${name}_LIBRARY}"
		INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}")
endfunction()

eii_pkg(SECCOMP libseccomp)
eii_pkg(NETTLE nettle)
eii_pkg(CJSON libcjson)
eii_pkg(INIH inih)
eii_pkg(YAML yaml-0.1)
eii_pkg(CURL libcurl>=7.87)
eii_pkg(RABBITMQ librabbitmq)
eii_pkg(MICROHTTPD libmicrohttpd)
eii_library(unistring unistr.h unistring)
eii_library(mailutils mailutils/stream.h mailutils)
