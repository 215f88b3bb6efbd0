using Microsoft.Extensions.Logging;

namespace Spillway.History.Storage;

/// <summary>Finds the segments in a directory and puts aside what is none.</summary>
internal sealed partial class SegmentFinder
{
    private readonly IDisk _disk;
    private readonly string _directory; // For people.
    private readonly ILogger _logger;

    private SegmentFinder(IDisk disk, string directory, ILogger logger)
    {
        (_disk, _directory, _logger) = (disk, directory, logger);
    }

    /// <summary>Oldest first, all of one epoch.</summary>
    public List<SegmentFile> Found { get; private set; } = [];

    /// <summary>Name of the newest file whose header could not be read; names rise with offsets.</summary>
    public string? NewestDamaged { get; private set; }

    /// <param name="epoch">The history's; null: that of the newest segment.</param>
    public static SegmentFinder Find(IDisk disk, string directory, string extension, ulong? epoch, ILogger logger)
    {
        var finder = new SegmentFinder(disk, directory, logger);
        foreach (var name in disk.List())
        {
            if (name.EndsWith(extension, StringComparison.Ordinal))
            {
                finder.Look(name);
            }
            else if (name.EndsWith(extension + SegmentFile.HiddenExtension, StringComparison.Ordinal))
            {
                finder.DeleteDead(name);
            }
        }

        finder.Found = [.. finder.Found.OrderBy(static file => file.Header.After).ThenBy(static file => file.Header.Number)];
        if (finder.Found.Count > 0)
        {
            finder.KeepEpoch(epoch ?? finder.Found[^1].Header.Epoch);
            finder.DropDead();
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
            Log.StubDeleted(_logger, Path.Combine(_directory, name));
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

    /// <summary>What is above the beginning of a segment that was made later is dead: that one was made because this one had failed, and holds the same.</summary>
    private void DropDead()
    {
        var after = long.MaxValue;
        foreach (var file in Found.OrderByDescending(static file => file.Header.Number))
        {
            if (file.Header.After < after)
            {
                after = file.Header.After;
                continue;
            }

            file.Seal();
            DeleteDead(file.Name);
            Found = Found.FindAll(found => found != file);
        }
    }

    private void DeleteDead(string name)
    {
        try
        {
            _disk.Delete(name);
            Log.DeadDeleted(_logger, Path.Combine(_directory, name));
        }
        catch (IOException)
        {
            // Nobody reads it; the next start tries again.
        }
    }

    private void SetAside(string name, string suffix)
    {
        _disk.Rename(name, name + suffix);
        Log.SetAside(_logger, Path.Combine(_directory, name), name + suffix);
    }
}
