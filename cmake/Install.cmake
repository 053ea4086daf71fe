# SPDX-License-Identifier: Apache-2.0
# What belongs to an installation besides the two programs: manual page, unit,
# sample of the settings, documentation.
install(FILES docs/email-intel-imap.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES deploy/bash-completion/email-intel-imap
	DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(FILES config.ini.sample DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(EII_UNIT_DIR "lib/systemd/system" CACHE STRING "Where systemd's units go, below the prefix")
# Made at installation: cpack and `cmake --install --prefix` may put the program elsewhere.
install(CODE "
	set(EII_PROGRAM \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/email-intel-imap\")
	configure_file(\"${CMAKE_CURRENT_SOURCE_DIR}/deploy/systemd/email-intel-imap@.service.in\"
		\"${CMAKE_CURRENT_BINARY_DIR}/email-intel-imap@.service\" @ONLY)")
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/email-intel-imap@.service"
	DESTINATION "${EII_UNIT_DIR}")
install(FILES deploy/debian/copyright DESTINATION "${CMAKE_INSTALL_DOCDIR}")

include(Package)
