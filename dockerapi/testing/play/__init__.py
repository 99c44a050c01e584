"""Who plays the commands of containers: functions, processes of this machine, `busybox`."""
