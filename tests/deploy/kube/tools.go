// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools pins the programs that the tests of deploy/ build.
package tools

import (
	_ "github.com/yannh/kubeconform/cmd/kubeconform"
	_ "helm.sh/helm/v3/cmd/helm"
)
