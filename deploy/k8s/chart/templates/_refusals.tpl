{{/* SPDX-License-Identifier: Apache-2.0 */}}
{{/* What cannot work is refused here, with the names of the mailboxes that it is about. */}}
{{- define "eii.refuse" -}}
{{- $root := . -}}
{{- $names := dict -}}{{- $ids := dict -}}{{- $places := dict -}}
{{- range .Values.mailboxes -}}
{{- $box := include "eii.box" (dict "root" $root "mailbox" .) | fromYaml -}}
{{- if hasKey $names $box.name }}{{ fail (printf "mailboxes: the name %s is there twice" $box.name) }}{{ end -}}
{{- $_ := set $names $box.name true -}}
{{- include "eii.refuseBox" (dict "root" $root "box" $box) -}}
{{- $id := include "eii.id" (dict "root" $root "box" $box) -}}
{{- $where := printf "%s %s" $id $box.opencti.url -}}
{{- if hasKey $ids $where }}{{ fail (printf "mailboxes %s and %s: both have the id %s; one would take the other's queue and state" (get $ids $where) $box.name $id) }}{{ end -}}
{{- $_ := set $ids $where $box.name -}}
{{- if $box.enabled -}}
{{- $place := printf "%s %s %s %s" (lower $box.user) (lower $box.host) $box.folder $box.opencti.url -}}
{{- if hasKey $places $place }}{{ fail (printf "mailboxes %s and %s: both read the folder %s of %s at %s; every mail would be imported twice" (get $places $place) $box.name $box.folder $box.user $box.host) }}{{ end -}}
{{- $_ := set $places $place $box.name -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "eii.refuseBox" -}}
{{- $root := .root -}}{{- $box := .box -}}
{{- if not $box.host }}{{ fail (printf "mailbox %s: host is not set, nor is defaults.host" $box.name) }}{{ end -}}
{{- if and $box.passwordSecret.name $box.googleTokenSecret.name }}{{ fail (printf "mailbox %s: passwordSecret and googleTokenSecret are both named; one of them signs in" $box.name) }}{{ end -}}
{{- if not (include "eii.signsIn" $box) }}{{ fail (printf "mailbox %s: passwordSecret.name or googleTokenSecret.name is needed, or auth.method" $box.name) }}{{ end -}}
{{- if $box.auth.method -}}
{{- if or $box.passwordSecret.name $box.googleTokenSecret.name }}{{ fail (printf "mailbox %s: auth.method is set, and so is passwordSecret or googleTokenSecret; use auth.secret" $box.name) }}{{ end -}}
{{- if and $box.auth.secret.name (eq $box.auth.method "certificate") }}{{ fail (printf "mailbox %s: auth.method certificate takes auth.certificateSecret, and no auth.secret" $box.name) }}{{ end -}}
{{- if and $box.auth.workloadIdentity (or $box.auth.secret.name $box.auth.certificateSecret.name) }}{{ fail (printf "mailbox %s: auth.workloadIdentity needs no secret and no certificate" $box.name) }}{{ end -}}
{{- if not (or $box.auth.secret.name $box.auth.certificateSecret.name $box.auth.workloadIdentity $box.secrets) }}{{ fail (printf "mailbox %s: auth.method %s needs auth.secret, auth.certificateSecret or auth.workloadIdentity" $box.name $box.auth.method) }}{{ end -}}
{{- else if or $box.auth.secret.name $box.auth.certificateSecret.name $box.auth.workloadIdentity -}}
{{ fail (printf "mailbox %s: auth has a secret and no method" $box.name) }}
{{- end -}}
{{- if not $box.opencti.url }}{{ fail (printf "mailbox %s: opencti.url is not set; beside the community chart it is http://RELEASE-opencti-server, in its clustering mode http://RELEASE-opencti-frontend" $box.name) }}{{ end -}}
{{- if not $box.opencti.tokenSecret.name }}{{ fail (printf "mailbox %s: opencti.tokenSecret.name is not set" $box.name) }}{{ end -}}
{{- $env := include "eii.variables" . | fromYaml -}}
{{- range $box.extraEnv -}}
{{- $plain := trimSuffix "_FILE" .name -}}
{{- if or (hasKey $env .name) (hasKey $env $plain) (hasKey $env (printf "%s_FILE" .name)) }}{{ fail (printf "mailbox %s: extraEnv names %s, which the chart sets itself; use settings" $box.name .name) }}{{ end -}}
{{- end -}}
{{- $ends := or (eq (lower (get $env "CONNECTOR_RUN_AND_TERMINATE" | default "")) "true") (not (regexMatch "[1-9]" $env.CONNECTOR_DURATION_PERIOD)) -}}
{{- if and $ends (not $box.schedule) }}{{ fail (printf "mailbox %s: it is to run and terminate, and a Deployment would start it again and again; give it a schedule" $box.name) }}{{ end -}}
{{- if $box.schedule -}}
{{- $name := printf "%s-%s" (include "eii.fullname" $root) $box.name -}}
{{- if gt (len $name) 52 }}{{ fail (printf "mailbox %s: the CronJob's name %s has %d characters, at most 52 are possible; use fullnameOverride" $box.name $name (len $name)) }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "eii.signsIn" -}}
{{- if or .passwordSecret.name .googleTokenSecret.name .auth.method }}yes{{ end -}}
{{- end -}}
