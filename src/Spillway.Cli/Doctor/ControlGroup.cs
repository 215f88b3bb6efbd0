namespace Spillway.Cli.Doctor;

/// <summary>The control groups (version 2) of a process: its own, and those above it, whose limits apply too.</summary>
internal sealed class ControlGroup
{
    private const string Mount = "/sys/fs/cgroup";

    private readonly HostFiles _files;
    private readonly string[] _folders; // From the innermost to the root.

    private ControlGroup(HostFiles files, string[] folders)
    {
        _files = files;
        _folders = folders;
    }

    /// <summary>Those of a process; null where the system has none of version 2, or does not say.</summary>
    public static ControlGroup? Find(HostFiles files, string process)
    {
        const string Unified = "0::"; // The hierarchy of version 2 has the number 0 and no names of controllers.
        if (!files.Exists(Mount + "/cgroup.controllers") || files.WordsBehind($"/proc/{process}/cgroup", Unified) is not [['/', ..] path, ..])
        {
            return null;
        }

        // A container may be told the path that it has outside; then only the root is there. ".." leads out of what is mounted.
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static name => name != "..").ToArray();
        return new ControlGroup(files, [.. Enumerable.Range(0, names.Length + 1).Select(skipped => string.Join('/', [Mount, .. names.SkipLast(skipped)]))]);
    }

    /// <summary>The least of a limit, and the folder of the group that has it; null where none of them has one.</summary>
    /// <param name="file">The limit's file.</param>
    /// <param name="read">Makes the words of a file a number; null where they are none, or no limit.</param>
    public (double Limit, string Folder)? Least(string file, Func<string[], double?> read)
    {
        (double Limit, string Folder)? least = null;
        foreach (var folder in _folders)
        {
            var words = _files.WordsBehind($"{folder}/{file}", "");
            if (words is not null && read(words) is { } limit && !(limit >= least?.Limit))
            {
                least = (limit, folder);
            }
        }

        return least;
    }

    /// <summary>The unit of systemd that a group is; null where it is none.</summary>
    public static string? UnitOf(string folder)
    {
        var name = folder[(folder.LastIndexOf('/') + 1)..];
        return name.EndsWith(".service", StringComparison.Ordinal) || name.EndsWith(".slice", StringComparison.Ordinal) || name.EndsWith(".scope", StringComparison.Ordinal) ? name : null;
    }
}
