"""Runs a KFP v2 package on this machine as KFP's driver and launcher would on a cluster.

The sources followed are ``backend/src/v2/driver`` (inputs, constants, outputs),
``backend/src/v2/component/launcher_v2.go`` (placeholders, output files),
``backend/src/v2/metadata/converter.go`` (values as text and as metadata) and
``backend/src/apiserver/template/v2_template.go`` (the run's parameters).

Where this departs from a cluster, it is because there is none:

- A task is a process of this machine and not a container. The image is not used:
  the command ``python`` is this interpreter, the working folder is the project.
- The address of an artifact is its local path, as in KFP's own local runner; nothing
  is copied to an object store.
- Volume claims are folders. There is no mount namespace, so that mount paths are
  rewritten in commands, arguments, environment and parameter values.
- Secrets come from the caller's environment, by the name of the variable.
- Node selectors, tolerations and resources are read, said and not applied.
- Waits between attempts are shortened.
- A task that names a parameter that it is not given, and that has a default in its
  component, gets the default, as the launcher does; drivers from KFP 2.17 on refuse it.
- Conditions, loops, nested graphs, importers, resolvers and exit handlers are refused.
"""
