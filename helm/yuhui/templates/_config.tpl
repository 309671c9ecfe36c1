{{- /* A table as TOML: dict "table" MAP "path" PREFIX. Values of helm are JSON,
and what JSON writes of a text, a number, a truth or a list is TOML too. */ -}}
{{- define "yuhui.toml" -}}
{{- $path := .path -}}
{{- range $key, $value := .table }}
{{- if not (kindIs "map" $value) }}
{{ $key }} = {{ toRawJson $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $inner := printf "%s%s" $path $key }}
[{{ $inner }}]
{{- include "yuhui.toml" (dict "table" $value "path" (printf "%s." $inner)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* URL of a service's database as `role`: dict "root" $ "part" NAME "role" ROLE */ -}}
{{- define "yuhui.database" -}}
{{- with .root.Values.postgres -}}
postgres://{{ $.role }}@{{ .host }}:{{ .port }}/yuhui_{{ $.part | replace "-" "_" }}?sslmode=verify-full&sslrootcert=/etc/yuhui/postgres/ca.crt
{{- end -}}
{{- end }}

{{- /* The configuration of a service: dict "root" $ "part" NAME */ -}}
{{- define "yuhui.config" -}}
{{- $root := .root }}
{{- $part := .part }}
{{- $topology := include "yuhui.topology" $root | fromYaml }}
{{- $me := index $topology $part }}
{{- $listen := dict "internal" (printf "0.0.0.0:%v" $me.port) }}
{{- $_ := set $listen "health" "/run/yuhui/health.sock" }}
{{- $tls := dict "cert" "/etc/yuhui/tls/tls.crt" "key" "/etc/yuhui/tls/tls.key" "ca" "/etc/yuhui/tls/ca.crt" }}
{{- if $me.bank_port }}
{{- $_ := unset $listen "internal" }}
{{- $_ := set $listen "public" (printf "0.0.0.0:%v" $me.port) }}
{{- if $root.Values.bank.enabled }}
{{- $_ := set $listen "bank" (printf "0.0.0.0:%v" $me.bank_port) }}
{{- $_ := set $tls "bank_ca" "/etc/yuhui/bank/ca.crt" }}
{{- end }}
{{- end }}
{{- $peers := dict }}
{{- range $me.calls }}
{{- $url := printf "https://%s-%s.%s.svc:%v" (include "yuhui.name" $root) . $root.Release.Namespace (index $topology .).port }}
{{- $_ := set $peers (. | replace "-" "_") (list $url) }}
{{- end }}
{{- $url := include "yuhui.database" (dict "root" $root "part" $part "role" (printf "yuhui_%s" ($part | replace "-" "_"))) }}
{{- $config := dict "listen" $listen "tls" $tls
  "keys" (dict "folder" "/etc/yuhui/keys/{service}" "jwks" "/etc/yuhui/jwks/jwks.json")
  "database" (dict "url" $url "password_file" "/etc/yuhui/database/password") }}
{{- if $peers }}
{{- $_ := set $config "peers" $peers }}
{{- end }}
{{- if $me.redis }}
{{- $redis := dict "url" $root.Values.redis.url }}
{{- if $root.Values.redis.secret }}
{{- $_ := set $redis "password_file" "/etc/yuhui/redis/password" }}
{{- end }}
{{- $_ := set $config "redis" $redis }}
{{- end }}
{{- if and (eq $part "eligibility") $root.Values.documents.bucket }}
{{- $documents := pick $root.Values.documents "bucket" "prefix" "region" "endpoint" "access_id" }}
{{- $_ := set $config "documents" (mustMerge (dict "secret_key_file" "/etc/yuhui/documents/secret") $documents) }}
{{- end }}
{{- $own := index $root.Values.config $part }}
{{- $config = mergeOverwrite $config (deepCopy $root.Values.config.all) (deepCopy $own) }}
{{- include "yuhui.toml" (dict "table" $config "path" "") | trim }}
{{- end }}
