# SPDX-License-Identifier: Apache-2.0
# cpack -G DEB: a package for Debian 12. Libraries are found by dpkg-shlibdeps;
# there are no maintainer scripts: units are started by whoever sets a mailbox up.
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
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "https://docs.opencti.io/latest/deployment/connectors/")
include(CPack)
