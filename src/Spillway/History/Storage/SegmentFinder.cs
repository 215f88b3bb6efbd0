using Microsoft.Extensions.Logging;

namespace Spillway.History.Storage;

/// <summary>Finds the segments in a directory and puts aside what is none.</summary>
internal sealed partial class SegmentFinder
{
    private readonly IDisk _disk;
    private readonly ILogger _logger;

    private SegmentFinder(IDisk disk, ILogger logger)
    {
        (_disk, _logger) = (disk, logger);
    }

    /// <summary>Oldest first, all of one epoch.</summary>
    public List<SegmentFile> Found { get; private set; } = [];

    /// <summary>Name of the newest file whose header could not be read; names rise with offsets.</summary>
    public string? NewestDamaged { get; private set; }

    /// <param name="epoch">The history's; null: that of the newest segment.</param>
    public static SegmentFinder Find(IDisk disk, string extension, ulong? epoch, ILogger logger)
    {
        var finder = new SegmentFinder(disk, logger);
        foreach (var name in disk.List().Where(name => name.EndsWith(extension, StringComparison.Ordinal)))
        {
            finder.Look(name);
        }

        finder.Found = [.. finder.Found.OrderBy(static file => file.Header.After).ThenBy(static file => file.Header.Number)];
        if (finder.Found.Count > 0)
        {
            finder.KeepEpoch(epoch ?? finder.Found[^1].Header.Epoch);
        }

        return finder;
    }

    private void Look(string name)
    {
        if (SegmentFile.TryOpen(_disk, name, _logger, out var length) is { } file)
        {
            Found.Add(file);
        }
        else if (length < SegmentHeader.Length)
        {
            _disk.Delete(name); // A crash came between making the file and writing its head: no record can be in it.
            Log.StubDeleted(_logger, name);
        }
        else
        {
            NewestDamaged = name;
            SetAside(name, ".damaged");
        }
    }

    private void KeepEpoch(ulong epoch)
    {
        foreach (var foreign in Found.FindAll(file => file.Header.Epoch != epoch))
        {
            foreign.Seal();
            SetAside(foreign.Name, ".foreign");
            Found.Remove(foreign);
        }
    }

    private void SetAside(string name, string suffix)
    {
        _disk.Rename(name, name + suffix);
        Log.SetAside(_logger, name, name + suffix);
    }
}
