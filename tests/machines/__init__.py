"""The portal on more than one machine, with the programs of Debian's packages: `make several` and `make pooled`. Not collected by pytest."""
