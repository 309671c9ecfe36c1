{{- /* What a service reads, and the folder of its socket: dict "root" $ "part" NAME
"config" NAME of the ConfigMap. */ -}}
{{- define "yuhui.volumes" -}}
{{- $secrets := index .root.Values.secrets .part }}
{{- $me := index (include "yuhui.topology" .root | fromYaml) .part }}
- name: config
  configMap: {name: {{ .config }}}
- name: run
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- range $kind, $secret := $secrets.keys }}
- name: {{ $kind }}
  secret: {secretName: {{ $secret }}, defaultMode: 0400}
{{- end }}
- name: tls
  secret: {secretName: {{ $secrets.tls }}, defaultMode: 0400}
- name: jwks
  configMap: {name: {{ .root.Values.jwks }}}
- name: database
  secret: {secretName: {{ $secrets.database }}, defaultMode: 0400}
- name: postgres
  configMap: {name: {{ .root.Values.postgres.ca }}}
{{- if and $me.redis .root.Values.redis.secret }}
- name: redis
  secret: {secretName: {{ .root.Values.redis.secret }}, defaultMode: 0400}
{{- end }}
{{- if and $me.bank_port .root.Values.bank.enabled }}
- name: bank
  configMap: {name: {{ .root.Values.bank.ca }}}
{{- end }}
{{- end }}

{{- define "yuhui.mounts" -}}
{{- $secrets := index .root.Values.secrets .part }}
{{- $me := index (include "yuhui.topology" .root | fromYaml) .part }}
- {name: config, mountPath: /etc/yuhui/yuhui.toml, subPath: yuhui.toml, readOnly: true}
- {name: run, mountPath: /run/yuhui}
{{- range $kind, $_ := $secrets.keys }}
- {name: {{ $kind }}, mountPath: /etc/yuhui/keys/{{ $.part }}/{{ $kind }}, readOnly: true}
{{- end }}
- {name: tls, mountPath: /etc/yuhui/tls, readOnly: true}
- {name: jwks, mountPath: /etc/yuhui/jwks, readOnly: true}
- {name: database, mountPath: /etc/yuhui/database, readOnly: true}
- {name: postgres, mountPath: /etc/yuhui/postgres, readOnly: true}
{{- if and $me.redis .root.Values.redis.secret }}
- {name: redis, mountPath: /etc/yuhui/redis, readOnly: true}
{{- end }}
{{- if and $me.bank_port .root.Values.bank.enabled }}
- {name: bank, mountPath: /etc/yuhui/bank, readOnly: true}
{{- end }}
{{- end }}
