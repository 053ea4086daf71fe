{{/* SPDX-License-Identifier: Apache-2.0 */}}
{{- define "eii.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "eii.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "eii.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "eii.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "eii.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "eii.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: opencti
{{- end -}}

{{- define "eii.image" -}}
{{- if .Values.image.digest -}}
{{ printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{/* A UUID in the form of version 5, of namespace, release and mailbox: the same at each upgrade. */}}
{{- define "eii.uuid" -}}
{{- $h := sha1sum . -}}
{{ printf "%s-%s-5%s-a%s-%s" (substr 0 8 $h) (substr 8 12 $h) (substr 13 16 $h) (substr 17 20 $h) (substr 20 32 $h) }}
{{- end -}}

{{/* The secrets of a mailbox, as a map of variable to secret's name and key. */}}
{{- define "eii.secrets" -}}
{{- $secrets := dict -}}
{{- range $variable, $from := .box.secrets }}{{ $_ := set $secrets $variable $from }}{{ end -}}
{{- $_ := set $secrets "OPENCTI_TOKEN" .token -}}
{{- if .box.googleTokenSecret.name -}}
{{- $_ := set $secrets "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON" .box.googleTokenSecret -}}
{{- else -}}
{{- $_ := set $secrets "EMAIL_INTEL_IMAP_PASSWORD" .box.passwordSecret -}}
{{- end -}}
{{ toYaml $secrets }}
{{- end -}}

{{/* The variables of a mailbox; `settings` goes over what the chart sets. */}}
{{- define "eii.environment" -}}
{{- $root := .root -}}{{- $box := .box -}}
{{- $env := dict
	"OPENCTI_URL" $root.Values.opencti.url
	"CONNECTOR_ID" ($box.id | default (include "eii.uuid" (printf "%s/%s/%s" $root.Release.Namespace $root.Release.Name $box.name)))
	"CONNECTOR_NAME" ($box.displayName | default (printf "Email Intel IMAP %s" $box.name))
	"CONNECTOR_SCOPE" "email-intel-imap"
	"CONNECTOR_LOG_LEVEL" $box.logLevel
	"CONNECTOR_DURATION_PERIOD" $box.period
	"EMAIL_INTEL_IMAP_HOST" $box.host
	"EMAIL_INTEL_IMAP_USERNAME" $box.user
	"EMAIL_INTEL_IMAP_MAILBOX" $box.folder
	"EMAIL_INTEL_IMAP_TLS" $box.tls
	"EMAIL_INTEL_IMAP_TLP_LEVEL" $box.tlp -}}
{{- $_ := set $env "EMAIL_INTEL_IMAP_PORT" $box.port -}}
{{- if $root.Values.metrics.enabled -}}
{{- $_ := set $env "CONNECTOR_EXPOSE_METRICS" "true" -}}
{{- $_ := set $env "CONNECTOR_METRICS_PORT" $root.Values.metrics.port -}}
{{- $_ := set $env "CONNECTOR_METRICS_NAMESPACE" "opencti" -}}
{{- $_ := set $env "CONNECTOR_METRICS_SUBSYSTEM" "connector" -}}
{{- end -}}
{{- range $name, $value := $box.settings }}{{ $_ := set $env $name $value }}{{ end -}}
{{- range $name, $from := (include "eii.secrets" .secretsArg | fromYaml) -}}
{{- $_ := set $env (printf "%s_FILE" $name) (printf "/run/secrets/email-intel-imap/%s" $name) -}}
{{- end -}}
{{- range $name, $value := $env }}
- name: {{ $name }}
  {{- /* Numbers of values.yaml are floats to helm: 52428800 is not to become 5.24288e+07. */}}
  value: {{ if kindIs "float64" $value }}{{ printf "%.0f" $value | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
{{- end }}
{{- end -}}
