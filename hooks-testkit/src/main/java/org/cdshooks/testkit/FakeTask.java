package org.cdshooks.testkit;

import org.cdshooks.api.Task;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.HookConfig;

record FakeTask(TaskId id, String type, long revision, HookConfig config) implements Task {}
