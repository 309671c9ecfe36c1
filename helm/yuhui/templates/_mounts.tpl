{{- /* What a service reads, and the folder of its socket: dict "root" $ "part" NAME "config"
NAME of the ConfigMap. */ -}}
{{- define "yuhui.volumes" -}}
{{- $me := index (include "yuhui.topology" .root | fromYaml) .part }}
{{- $secrets := index .root.Values.secrets .part }}
- name: config
  configMap: {name: {{ .config }}}
- name: run
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: jwks
  configMap: {name: {{ .root.Values.jwks }}}
- name: postgres
  configMap: {name: {{ .root.Values.postgres.ca }}}
- name: tls
  secret: {secretName: {{ $secrets.tls }}, defaultMode: 0400}
{{- include "yuhui.volumes.own" . | nindent 0 }}
{{- if and $me.redis .root.Values.redis.secret }}
- name: redis
  secret: {secretName: {{ .root.Values.redis.secret }}, defaultMode: 0400}
{{- end }}
{{- if and (eq .part "eligibility") .root.Values.documents.bucket }}
- name: documents
  secret: {secretName: {{ .root.Values.documents.secret }}, defaultMode: 0400}
{{- end }}
{{- if and $me.bank_port .root.Values.bank.enabled }}
- name: bank
  configMap: {name: {{ .root.Values.bank.ca }}}
{{- end }}
{{- end }}

{{- define "yuhui.mounts" -}}
{{- $me := index (include "yuhui.topology" .root | fromYaml) .part }}
- {name: config, mountPath: /etc/yuhui/yuhui.toml, subPath: yuhui.toml, readOnly: true}
- {name: run, mountPath: /run/yuhui}
- {name: jwks, mountPath: /etc/yuhui/jwks, readOnly: true}
- {name: postgres, mountPath: /etc/yuhui/postgres, readOnly: true}
- {name: tls, mountPath: /etc/yuhui/tls, readOnly: true}
{{- include "yuhui.mounts.own" . | nindent 0 }}
{{- if and $me.redis .root.Values.redis.secret }}
- {name: redis, mountPath: /etc/yuhui/redis, readOnly: true}
{{- end }}
{{- if and (eq .part "eligibility") .root.Values.documents.bucket }}
- {name: documents, mountPath: /etc/yuhui/documents, readOnly: true}
{{- end }}
{{- if and $me.bank_port .root.Values.bank.enabled }}
- {name: bank, mountPath: /etc/yuhui/bank, readOnly: true}
{{- end }}
{{- end }}

{{- /* Keys and password of one service, which nobody else's container sees. Keys that are added
to a Secret appear while the service runs. */ -}}
{{- define "yuhui.volumes.own" -}}
{{- $secrets := index .root.Values.secrets .part }}
{{- range $kind, $secret := $secrets.keys }}
- name: {{ $.part }}-{{ $kind }}
  secret: {secretName: {{ $secret }}, defaultMode: 0400}
{{- end }}
- name: {{ .part }}-database
  secret: {secretName: {{ $secrets.database }}, defaultMode: 0400}
{{- end }}

{{- define "yuhui.mounts.own" -}}
{{- $keys := printf "/etc/yuhui/keys/%s" .part }}
- {name: {{ .part }}-signing, mountPath: {{ $keys }}/signing.pem, subPath: signing.pem, readOnly: true}
- {name: {{ .part }}-seal, mountPath: {{ $keys }}/seal, readOnly: true}
- {name: {{ .part }}-index, mountPath: {{ $keys }}/index, readOnly: true}
- {name: {{ .part }}-database, mountPath: /etc/yuhui/database, readOnly: true}
{{- end }}
