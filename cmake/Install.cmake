# SPDX-License-Identifier: Apache-2.0
# What belongs to an installation besides the two programs: manual page, unit,
# sample of the settings, documentation.
install(FILES docs/email-intel-imap.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES config.ini.sample DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(EII_UNIT_DIR "lib/systemd/system" CACHE STRING "Where systemd's units go, below the prefix")
configure_file(deploy/systemd/email-intel-imap@.service.in
	"${CMAKE_CURRENT_BINARY_DIR}/email-intel-imap@.service" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/email-intel-imap@.service"
	DESTINATION "${EII_UNIT_DIR}")

include(Package)
