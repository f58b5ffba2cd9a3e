"""The rules of the Kubeflow Pipelines server, restated: one module for each part of a package.

Read in KFP's sources (backend 2.5 to 2.17): ``backend/src/apiserver/template`` (upload and
inputs of a run), ``backend/src/v2/compiler/argocompiler`` (creation of a run),
``backend/src/v2/driver`` and ``component`` (start of a task).
"""
