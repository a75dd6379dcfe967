{{/* The labels by which services, policies and budgets find the pods. They never change. */}}
{{- define "raftlocks.selector" -}}
app.kubernetes.io/name: raftlocks
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels of all that the chart makes. */}}
{{- define "raftlocks.labels" -}}
{{ include "raftlocks.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What a pod's own name is followed by, where other pods look it up. */}}
{{- define "raftlocks.domain" -}}
{{ .Release.Name }}-nodes.$(POD_NAMESPACE).svc.{{ .Values.clusterDomain }}
{{- end }}
