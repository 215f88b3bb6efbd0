namespace Spillway.History.Storage;

/// <summary>Says why a directory holds no history that can be used, and what to do.</summary>
internal static class HistoryFault
{
    /// <summary>Whether it is about the directory, and not a fault of the program.</summary>
    public static bool IsOfDirectory(Exception fault) => fault is IOException or UnauthorizedAccessException or NotSupportedException;

    public static string Explain(string directory, Exception fault) => fault switch
    {
        HistoryLockedException => fault.Message,
        NotSupportedException => $"The history in \"{directory}\" cannot be used. {fault.Message}",
        _ when HasFileOnItsWay(directory, out var file) => $"The history directory \"{directory}\" cannot be used: \"{file}\" is a file. Name a directory, or one that can be made.",
        UnauthorizedAccessException =>
            $"The history directory \"{directory}\" cannot be used by {Environment.UserName}: {fault.Message.TrimEnd('.')}. Give that user all rights to the directory and what is in it, or name another directory.",
        _ => $"The history directory \"{directory}\" cannot be used: {fault.Message.TrimEnd('.')}. Remove the cause, or name another directory.",
    };

    private static bool HasFileOnItsWay(string directory, out string? file)
    {
        for (file = directory; file is not null && !File.Exists(file); file = Path.GetDirectoryName(file))
        {
            // Up to the root, where there is none.
        }

        return file is not null;
    }
}
