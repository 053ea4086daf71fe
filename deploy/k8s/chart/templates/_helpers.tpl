{{/* SPDX-License-Identifier: Apache-2.0 */}}
{{- define "eii.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* At most 40 characters, so that a mailbox's name fits behind it. What is longer is told from
     another one by a piece of its hash. */}}
{{- define "eii.fullname" -}}
{{- $full := .Values.fullnameOverride -}}
{{- if not $full -}}
{{- $full = contains (include "eii.name" .) .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name (include "eii.name" .)) -}}
{{- end -}}
{{- if gt (len $full) 40 -}}
{{ printf "%s-%s" ($full | trunc 33 | trimSuffix "-") (sha1sum $full | trunc 6) }}
{{- else -}}
{{ $full | trimSuffix "-" }}
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
app.kubernetes.io/name: {{ include "eii.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "eii.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "eii.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: opencti
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end -}}
{{- end -}}

{{- define "eii.image" -}}
{{- $image := .Values.image -}}
{{- $registry := (.Values.global).imageRegistry | default $image.registry -}}
{{- $repository := $registry | empty | ternary $image.repository (printf "%s/%s" $registry $image.repository) -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository ($image.tag | default .Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{/* As names or as {name: ...}, the release's and global's. */}}
{{- define "eii.pullSecrets" -}}
{{- range concat .Values.imagePullSecrets ((.Values.global).imagePullSecrets | default list) }}
{{- if kindIs "string" . }}
- name: {{ . }}
{{- else }}
- name: {{ .name }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A UUID in the form of version 5, of namespace, release and mailbox: the same at each upgrade. */}}
{{- define "eii.uuid" -}}
{{- $h := sha1sum . -}}
{{ printf "%s-%s-5%s-a%s-%s" (substr 0 8 $h) (substr 8 12 $h) (substr 13 16 $h) (substr 17 20 $h) (substr 20 32 $h) }}
{{- end -}}

{{- define "eii.id" -}}
{{ .box.id | default (include "eii.uuid" (printf "%s/%s/%s" .root.Release.Namespace .root.Release.Name .box.name)) }}
{{- end -}}

{{/* A mailbox with what it takes from the defaults and from the release's platform. */}}
{{- define "eii.box" -}}
{{- $box := mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy .mailbox) -}}
{{- $_ := set $box "opencti" (mergeOverwrite (deepCopy .root.Values.opencti) (deepCopy ($box.opencti | default dict))) -}}
{{ toYaml $box }}
{{- end -}}

{{/* A number of values.yaml is a float to helm: 52428800 is not to become 5.24288e+07. */}}
{{- define "eii.text" -}}
{{- if kindIs "float64" . }}{{ printf "%.0f" . }}{{ else }}{{ . | toString }}{{ end -}}
{{- end -}}

{{/* What auth.secret is, by the method; the chart has refused what is not here. */}}
{{- define "eii.authVariable" -}}
{{- get (dict "password" "PASSWORD" "google-user" "GOOGLE_TOKEN_JSON" "google-service-account" "GOOGLE_KEY_JSON" "microsoft-app" "CLIENT_SECRET" "microsoft-user" "REFRESH_TOKEN" "oauth" "CLIENT_SECRET") . -}}
{{- end -}}

{{/* Whose certificate auth.certificateSecret is: of the application, or shown to the mail server. */}}
{{- define "eii.certificateVariable" -}}
{{ has . (list "microsoft-app" "microsoft-user" "oauth") | ternary "CLIENT" "TLS" }}
{{- end -}}

{{/* The secrets of a mailbox, as a map of file to secret's name and key. */}}
{{- define "eii.secrets" -}}
{{- $secrets := dict -}}
{{- range $variable, $from := .box.secrets }}{{ $_ := set $secrets $variable $from }}{{ end -}}
{{- $_ := set $secrets "OPENCTI_TOKEN" .box.opencti.tokenSecret -}}
{{- $auth := .box.auth -}}
{{- if $auth.secret.name -}}
{{- $_ := set $secrets (printf "EMAIL_INTEL_IMAP_%s" (include "eii.authVariable" $auth.method)) $auth.secret -}}
{{- end -}}
{{- if $auth.certificateSecret.name -}}
{{- $_ := set $secrets (printf "EMAIL_INTEL_IMAP_%s_KEY" (include "eii.certificateVariable" $auth.method)) (dict "name" $auth.certificateSecret.name "key" $auth.certificateSecret.keyKey) -}}
{{- end -}}
{{- if .box.googleTokenSecret.name -}}
{{- $_ := set $secrets "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON" .box.googleTokenSecret -}}
{{- else if .box.passwordSecret.name -}}
{{- $_ := set $secrets "EMAIL_INTEL_IMAP_PASSWORD" .box.passwordSecret -}}
{{- end -}}
{{ toYaml $secrets }}
{{- end -}}

{{/* The variables of a mailbox, as a map; `settings` goes over what the chart sets. */}}
{{- define "eii.variables" -}}
{{- $root := .root -}}{{- $box := .box -}}
{{- $env := dict
	"OPENCTI_URL" $box.opencti.url
	"CONNECTOR_ID" (include "eii.id" .)
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
{{- range $name, $value := dict "AUTH" $box.auth.method "TENANT_ID" $box.auth.tenantId "CLIENT_ID" $box.auth.clientId "TOKEN_URL" $box.auth.tokenUrl -}}
{{- if $value }}{{ $_ := set $env (printf "EMAIL_INTEL_IMAP_%s" $name) $value }}{{ end -}}
{{- end -}}
{{- if $box.auth.certificateSecret.name -}}
{{- $certificate := eq (include "eii.certificateVariable" $box.auth.method) "CLIENT" | ternary "CLIENT_CERTIFICATE" "TLS_CERT" -}}
{{- $_ := set $env (printf "EMAIL_INTEL_IMAP_%s" $certificate) "/run/secrets/email-intel-imap/client.crt" -}}
{{- end -}}
{{- if $box.opencti.caSecret.name -}}
{{- $_ := set $env "OPENCTI_SSL_VERIFY" "/run/secrets/email-intel-imap/opencti-ca.crt" -}}
{{- end -}}
{{- if $box.schedule -}}
{{- $_ := set $env "CONNECTOR_RUN_AND_TERMINATE" "true" -}}
{{- else if $root.Values.metrics.enabled -}}
{{- $_ := set $env "CONNECTOR_EXPOSE_METRICS" "true" -}}
{{- $_ := set $env "CONNECTOR_METRICS_PORT" $root.Values.metrics.port -}}
{{- $_ := set $env "CONNECTOR_METRICS_NAMESPACE" "opencti" -}}
{{- $_ := set $env "CONNECTOR_METRICS_SUBSYSTEM" "connector" -}}
{{- end -}}
{{- range $name, $value := $box.settings }}{{ $_ := set $env $name $value }}{{ end -}}
{{- range $name, $from := (include "eii.secrets" . | fromYaml) -}}
{{- $_ := set $env (printf "%s_FILE" $name) (printf "/run/secrets/email-intel-imap/%s" $name) -}}
{{- end -}}
{{- $texts := dict -}}
{{- range $name, $value := $env }}{{ $_ := set $texts $name (include "eii.text" $value) }}{{ end -}}
{{ toYaml $texts }}
{{- end -}}

{{- define "eii.environment" -}}
{{- $env := include "eii.variables" . | fromYaml -}}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- with .box.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The pod's spec: of a Deployment, of a Job, and of the test, which tell by `as`. */}}
{{- define "eii.pod" -}}
{{- $root := .root -}}{{- $box := .box -}}
serviceAccountName: {{ include "eii.serviceAccount" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ $box.terminationGracePeriodSeconds | int64 }}
{{- if ne .as "deployment" }}
restartPolicy: Never
{{- end }}
{{- with include "eii.pullSecrets" $root | trim }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with $box.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $box.dnsPolicy }}
dnsPolicy: {{ . }}
{{- end }}
{{- with $box.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $box.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- range $key := list "runAsUser" "runAsGroup" "fsGroup" }}
  {{- with index $root.Values.podSecurityContext $key }}
  {{ $key }}: {{ . | int64 }}
  {{- end }}
  {{- end }}
  {{- if $root.Values.podSecurityContext.fsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile:
    {{- toYaml $root.Values.podSecurityContext.seccompProfile | nindent 4 }}
{{- with $box.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: connector
    image: {{ include "eii.image" $root | quote }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    {{- if eq .as "test" }}
    args: ["--check"]
    {{- end }}
    env:
      {{- include "eii.environment" . | trim | nindent 6 }}
    {{- if and (eq .as "deployment") $root.Values.metrics.enabled }}
    ports:
      - name: metrics
        containerPort: {{ $root.Values.metrics.port }}
    startupProbe:
      httpGet:
        path: /health/live
        port: metrics
      periodSeconds: 2
      failureThreshold: 30
    livenessProbe:
      httpGet:
        path: /health/live
        port: metrics
      periodSeconds: 20
      timeoutSeconds: 3
      failureThreshold: 6
    readinessProbe:
      httpGet:
        path: /health/ready
        port: metrics
      periodSeconds: 20
      timeoutSeconds: 3
      failureThreshold: 3
    {{- end }}
    {{- with $box.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    # Why it ended, in `kubectl describe pod`.
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    volumeMounts:
      - name: secrets
        mountPath: /run/secrets/email-intel-imap
        readOnly: true
      {{- with $box.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- if ne .as "test" }}
  {{- with $box.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
volumes:
  # One file a secret, named as its variable. The kubelet renews them; each is read
  # anew at the next sign-in, without a restart.
  - name: secrets
    projected:
      defaultMode: 0440
      sources:
        {{- range $variable, $from := (include "eii.secrets" . | fromYaml) }}
        - secret:
            name: {{ $from.name }}
            items:
              - key: {{ $from.key }}
                path: {{ $variable }}
        {{- end }}
        {{- with $box.auth.certificateSecret }}
        {{- if .name }}
        - secret:
            name: {{ .name }}
            items:
              - key: {{ .certificateKey }}
                path: client.crt
        {{- end }}
        {{- end }}
        {{- if $box.opencti.caSecret.name }}
        - secret:
            name: {{ $box.opencti.caSecret.name }}
            items:
              - key: {{ $box.opencti.caSecret.key }}
                path: opencti-ca.crt
        {{- end }}
  {{- with $box.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if and (eq .as "deployment") (or $root.Values.topologySpread $box.topologySpreadConstraints) }}
topologySpreadConstraints:
  {{- if $box.topologySpreadConstraints }}
  {{- toYaml $box.topologySpreadConstraints | nindent 2 }}
  {{- else }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "eii.selector" $root | nindent 8 }}
  {{- end }}
{{- end }}
{{- with $box.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $box.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $box.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Labels and annotations of the pod; component is the mailbox, of a test something else. */}}
{{- define "eii.podMetadata" -}}
{{- $root := .root -}}{{- $box := .box -}}
labels:
  {{- include "eii.selector" $root | nindent 2 }}
  app.kubernetes.io/component: {{ $box.name }}{{ eq .as "test" | ternary "-check" "" }}
  {{- if $box.auth.workloadIdentity }}
  azure.workload.identity/use: "true"
  {{- end }}
  {{- with mergeOverwrite (deepCopy $root.Values.commonLabels) (deepCopy $box.podLabels) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := deepCopy $box.podAnnotations -}}
{{- if eq .as "test" -}}
{{- $_ := set $annotations "helm.sh/hook" "test" -}}
{{- $_ := set $annotations "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- end }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
