{{- /* deploy/topology.toml for the chart; tests/deploy/topology.py compares. */ -}}
{{- define "yuhui.topology" -}}
gateway:
  port: 7300
  bank_port: 7301
  redis: true
  calls: [eligibility, registry-verification, institution-registry, funding-ledger, disbursement]
eligibility:
  port: 7311
  calls: [registry-verification, institution-registry, funding-ledger, disbursement]
registry-verification:
  port: 7312
  calls: []
institution-registry:
  port: 7313
  calls: [registry-verification]
funding-ledger:
  port: 7314
  calls: [eligibility, disbursement]
disbursement:
  port: 7315
  calls: [eligibility, funding-ledger]
{{- end }}
