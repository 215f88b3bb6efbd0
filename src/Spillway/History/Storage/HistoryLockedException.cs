namespace Spillway.History.Storage;

/// <summary>The directory is in use by another process.</summary>
internal sealed class HistoryLockedException(string directory, int? processId, Exception cause) : IOException(
    $"The history directory \"{directory}\" is in use by {(processId is { } id ? $"process {id}" : "another process")}; stop that process, or give this one a directory of its own.",
    cause)
{
    public string Directory { get; } = directory;

    /// <summary>Who holds it; null if that could not be read.</summary>
    public int? ProcessId { get; } = processId;
}
