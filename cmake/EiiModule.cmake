# SPDX-License-Identifier: Apache-2.0
# eii_module(<layer> [SOURCES a.c ...] [DEPENDS layer ...] [LIBRARIES target ...])
# One layer = one static library eii_<layer>, linked along the layers' edges.
function(eii_module layer)
	cmake_parse_arguments(M "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
	list(TRANSFORM M_DEPENDS PREPEND eii_)
	if(M_SOURCES)
		add_library(eii_${layer} STATIC ${M_SOURCES})
		target_link_libraries(eii_${layer} PUBLIC eii_options ${M_DEPENDS} PRIVATE ${M_LIBRARIES})
		target_include_directories(eii_${layer} PRIVATE "${CMAKE_SOURCE_DIR}/src/${layer}")
	else()
		add_library(eii_${layer} INTERFACE)
		target_link_libraries(eii_${layer} INTERFACE eii_options ${M_DEPENDS})
	endif()
endfunction()

# eii_public_library(<layer> target ...): a library whose types a layer's header shows.
function(eii_public_library layer)
	target_link_libraries(eii_${layer} PUBLIC ${ARGN})
endfunction()
