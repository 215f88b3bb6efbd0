using System.Globalization;

namespace Spillway.Cli.Doctor;

/// <summary>Memory and processors: of the machine, and what the process's control group leaves of them.</summary>
internal static class ResourceChecks
{
    private const string Memory = "memory";
    private const string GroupMemory = "memory of the control group";
    private const string Processors = "processors";
    private const string MemoryFile = "/proc/meminfo";

    public static IEnumerable<Finding> Run(HostFiles files, HostNeeds needs, int? pid)
    {
        var process = pid?.ToString(CultureInfo.InvariantCulture) ?? "self";
        var group = ControlGroup.Find(files, process);
        yield return CheckMachine(files, needs);
        yield return CheckGroup(group, needs);
        yield return CheckProcessors(files, group, $"/proc/{process}/status");
    }

    private static Finding CheckMachine(HostFiles files, HostNeeds needs)
    {
        if (files.WordsBehind(MemoryFile, "MemTotal:") is not [var word, "kB", ..] || HostFiles.ToNumber(word) is not { } kibibytes || kibibytes > long.MaxValue / 1024)
        {
            return Finding.Unknown(Memory, MemoryFile);
        }

        return Compare(Memory, kibibytes * 1024, needs);
    }

    private static Finding CheckGroup(ControlGroup? group, HostNeeds needs)
    {
        if (group is null)
        {
            return new Finding(GroupMemory, FindingState.Unknown, "not known: the system has no control groups of version 2 at /sys/fs/cgroup, or does not say which one it is.");
        }

        if (group.Least("memory.max", static words => words is [var word] ? HostFiles.ToNumber(word) : null) is not var (limit, folder))
        {
            return new Finding(GroupMemory, FindingState.Fine, "no limit.");
        }

        var finding = Compare(GroupMemory, (long)limit, needs);
        return finding.State == FindingState.Fine ? finding : finding with
        {
            Mending =
            [
                ControlGroup.UnitOf(folder) is { } unit ? $"systemctl set-property {unit} MemoryMax={needs.Bytes}" : $"echo {needs.Bytes} > {folder}/memory.max    # as root, from outside of a container; lasts as long as the group",
                .. finding.Mending,
            ],
        };
    }

    private static Finding Compare(string subject, long there, HostNeeds needs) => new(
        subject,
        there >= needs.Bytes ? FindingState.Fine : FindingState.Short,
        $"{Finding.Bytes(there)}; {Finding.Bytes(needs.Bytes)} needed (over plain HTTP, with the hub's default settings; a history in memory takes History:MaxBytes more).")
    {
        There = there,
        Needed = needs.Bytes,
        Mending = there >= needs.Bytes ? [] :
        [
            string.Create(CultureInfo.InvariantCulture, $"export SPILLWAY__Limits__Connections={Math.Max(1, HostNeeds.ConnectionsIn(there))}    # for the hub: no more than this memory carries"),
        ],
    };

    private static Finding CheckProcessors(HostFiles files, ControlGroup? group, string status)
    {
        const double Least = 1; // With less, a hub that has used its share stands still, with all its connections, for the rest of each period of the scheduler.
        if (files.WordsBehind(status, "Cpus_allowed_list:") is not [var list] || Count(list) is not { } count)
        {
            return Finding.Unknown(Processors, status);
        }

        if (group?.Least("cpu.max", ToShare) is not var (share, folder) || share >= count)
        {
            return new Finding(Processors, FindingState.Fine, $"{Finding.Number(count)}; Delivery:Loops is as many by default.") { There = count, Needed = (long)Least };
        }

        var loops = (long)Math.Ceiling(share);
        var text = string.Create(CultureInfo.InvariantCulture, $"{count}, of which the control group may use {share:0.##}; Delivery:Loops is {loops} by default.");
        return share >= Least ? new Finding(Processors, FindingState.Fine, text) { There = (long)share, Needed = (long)Least } : new Finding(
            Processors, FindingState.Short, $"{text} 1 needed (with less the hub stands still for a part of every tenth of a second while it has much to do).")
        {
            There = 0,
            Needed = (long)Least,
            Mending =
            [
                ControlGroup.UnitOf(folder) is { } unit ? $"systemctl set-property {unit} CPUQuota=100%" : $"echo \"100000 100000\" > {folder}/cpu.max    # as root, from outside of a container; lasts as long as the group",
            ],
        };
    }

    // "150000 100000": so many microseconds of processor time in so many of time.
    private static double? ToShare(string[] words) =>
        words is [var quota, var period] && HostFiles.ToNumber(quota) is { } used && HostFiles.ToNumber(period) is > 0 and { } of ? used / (double)of : null;

    // "0-3,8".
    private static long? Count(string list)
    {
        var count = 0L;
        foreach (var part in list.Split(','))
        {
            var ends = part.Split('-').Select(HostFiles.ToNumber).ToArray();
            if (ends is not ([not null] or [not null, not null]) || ends[^1] < ends[0] || ends[^1] > ushort.MaxValue)
            {
                return null;
            }

            count += ends[^1]!.Value - ends[0]!.Value + 1;
        }

        return count;
    }
}
