// SPDX-License-Identifier: Apache-2.0

// Program podsecurity reads manifests from standard input and judges each
// Deployment's pod by the Pod Security Standard "restricted", newest version.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

func judge(evaluator policy.Evaluator, document []byte) (int, error) {
	var deployment appsv1.Deployment

	if err := yaml.Unmarshal(document, &deployment); err != nil {
		return 0, err
	}
	if deployment.Kind != "Deployment" {
		return 0, nil
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	template := deployment.Spec.Template
	result := policy.AggregateCheckResults(
		evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec))
	if !result.Allowed {
		return 1, fmt.Errorf("%s: %s: %s", deployment.Name, result.ForbiddenReason(),
			result.ForbiddenDetail())
	}
	return 1, nil
}

func run() error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	judged := 0
	for _, document := range bytes.Split(input, []byte("\n---")) {
		n, err := judge(evaluator, document)
		if err != nil {
			return err
		}
		judged += n
	}
	fmt.Printf("%d pods pass restricted\n", judged)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
