# SPDX-License-Identifier: Apache-2.0
# cpack -G DEB: a package for the Debian release that it is made on; its version says which. Libraries
# are found by dpkg-shlibdeps. What is not made by an installation (configuration, maintainer scripts,
# Debian's changelog) stands in deploy/debian; cmake/PackageFiles.cmake puts it there.
set(EII_RELEASE_ID "unknown")
set(EII_RELEASE_NAME "unstable")
if(EXISTS "/etc/os-release")
	file(STRINGS "/etc/os-release" os_release)
	foreach(line IN LISTS os_release)
		if(line MATCHES "^VERSION_ID=\"?([0-9]+)")
			set(EII_RELEASE_ID "${CMAKE_MATCH_1}")
		elseif(line MATCHES "^VERSION_CODENAME=\"?([a-z]+)")
			set(EII_RELEASE_NAME "${CMAKE_MATCH_1}")
		endif()
	endforeach()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME email-intel-imap)
set(CPACK_PACKAGE_VENDOR "email-intel-imap maintainers")
set(CPACK_PACKAGE_CONTACT "email-intel-imap maintainers <maintainers@localhost>")
set(CPACK_PACKAGE_DESCRIPTION
	"Reads a mailbox over IMAP and publishes one STIX 2.1 report for each mail to
an OpenCTI platform's RabbitMQ. The mailbox is never changed. Mails are
parsed by a program of its own in a jail.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# 1~deb12 is below 1~deb13: an upgrade of the system takes the package along.
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~deb${EII_RELEASE_ID}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "https://docs.opencti.io/latest/deployment/connectors/")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/conffiles"
	"${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postinst"
	"${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/prerm"
	"${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postrm")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_SOURCE_DIR}/cmake/PackageFiles.cmake")
set(CPACK_EII_RELEASE_NAME "${EII_RELEASE_NAME}")
set(CPACK_EII_SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
include(CPack)
