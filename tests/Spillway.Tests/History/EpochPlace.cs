using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>A directory on a simulated disk, the history in it, and which events that must have.</summary>
internal sealed class EpochPlace(SimulatedDisk disk, HistoryLimits limits, IReadOnlyList<string> events) : IDisposable
{
    public SimulatedDisk Disk { get; } = disk;

    /// <summary>Null while no process runs.</summary>
    public SegmentedHistory? History { get; private set; }

    /// <summary>What it holds, by payload, oldest first; null: nobody knows, for a restore was cut off.</summary>
    public IReadOnlyList<string>? Events { get; private set; } = events;

    /// <summary>How many of them a power loss must leave.</summary>
    public int Synced { get; private set; }

    /// <summary>The epoch of its last life.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Whether files were copied into it since.</summary>
    public bool IsRestored { get; private set; }

    /// <summary>Whether a start was asked to branch off since, and may have done it before it died.</summary>
    public bool MayHaveBranched { get; private set; }

    /// <summary>
    /// Whether its file state was lost in a restore that was cut off: then segments say what it branched off from, and those may say less than was in common. It or what it was copied from.
    /// </summary>
    public bool MayRepeat { get; private set; }

    /// <summary>Whether its files are of different times: then what one of them had lost with the power may stand in another. It or what it was copied from.</summary>
    public bool IsMixed { get; private set; }

    public bool LostPower { get; private set; }

    public void Open(bool branch)
    {
        MayHaveBranched |= branch;
        var metrics = new HistoryMetrics(null);
        try
        {
            History = new SegmentedHistory(
                limits, DirectoryStore.Open("disk", Disk, new MemoryStream(), NullLogger.Instance, branch), TimeProvider.System, NullLogger.Instance, metrics, inBackground: false);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    /// <summary>Takes what there is for what there must be from now on.</summary>
    public void Settle(IReadOnlyList<string> found)
    {
        (Events, Synced, Epoch, IsRestored, MayHaveBranched, LostPower) = (found, 0, History!.Epoch, false, false, false);
        History.Sync();
        Synced = found.Count;
    }

    public long Append(params string[] payloads)
    {
        var (records, offset) = (new List<byte>(), History!.NextOffset);
        foreach (var payload in payloads)
        {
            records.AddRange(Records.Make(new PushEvent { Topic = "t", Payload = Encoding.UTF8.GetBytes(payload) }, offset++, 0));
        }

        History.Append(records.ToArray());
        Events = [.. Events!, .. payloads];
        return offset - payloads.Length;
    }

    public void Sync()
    {
        History!.Sync();
        Synced = Events!.Count;
    }

    /// <summary>The process ends: properly, killed, or with the power.</summary>
    public void Stop(bool kill, bool losePower)
    {
        if (kill)
        {
            Disk.Kill();
        }

        try
        {
            History?.Dispose();
            Synced = kill || History is null ? Synced : Events!.Count;
        }
        catch (SimulatedCrashException)
        {
            // It is dead, as it should be.
        }

        History = null;
        Disk.Restart(losePower);
        LostPower |= losePower;
        MayRepeat |= IsRestored && losePower;
        Events = IsRestored && losePower ? null : Events; // Nothing of what was restored had been synced.
    }

    /// <summary>Puts a copy in the place of what there is.</summary>
    public void Restore(EpochPlace copy, bool intoFiles)
    {
        Disk.CopyFrom(copy.Disk, intoFiles);
        if (intoFiles)
        {
            SyncFiles(); // It need not be seen as a copy, if nothing was noted since it was made; then nobody else does.
        }

        (Events, IsRestored, Synced) = (intoFiles ? null : copy.Events, true, 0); // Into files: newer ones stay beside them.
        MayRepeat = copy.MayRepeat || (intoFiles && MayRepeat);
        IsMixed = intoFiles || copy.IsMixed;
    }

    private void SyncFiles()
    {
        foreach (var name in Disk.List())
        {
            using var file = Disk.Open(name, writable: true);
            file.Sync();
        }

        Disk.SyncDirectory();
    }

    /// <summary>A copy of the directory as it is now, whether a process runs or not.</summary>
    public EpochPlace Copy(int seed)
    {
        var copy = new EpochPlace(new SimulatedDisk(seed), limits, []);
        copy.Restore(this, intoFiles: false);
        return copy;
    }

    /// <summary>Everything after an offset, by place and payload.</summary>
    public List<(long Offset, string Payload)> ReadAfter(long offset)
    {
        var found = new List<(long, string)>();
        while (offset < History!.Head)
        {
            var page = History.Read(HistoryRig.Select("t"), offset, History.Head, 500);
            foreach (var bytes in HistoryRig.Divide(page.Records))
            {
                var record = new EventRecord(bytes);
                found.Add((record.Offset, Encoding.UTF8.GetString(record.Payload)));
            }

            offset = page.To;
        }

        return found;
    }

    public void Dispose() => Stop(kill: true, losePower: false);
}
