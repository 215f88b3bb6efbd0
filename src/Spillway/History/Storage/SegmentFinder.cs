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

    /// <summary>Oldest first, all of one chain of epochs.</summary>
    public List<SegmentFile> Found { get; private set; } = [];

    /// <summary>That chain; null if nothing says what it is.</summary>
    public EpochChain? Chain { get; private set; }

    /// <summary>Name of the newest file whose header could not be read; names rise with offsets.</summary>
    public string? NewestDamaged { get; private set; }

    /// <param name="chain">The history's; null: what the newest segment and those before it say.</param>
    public static SegmentFinder Find(IDisk disk, string directory, string extension, EpochChain? chain, ILogger logger)
    {
        var finder = new SegmentFinder(disk, directory, logger) { Chain = chain };
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
            finder.Chain ??= SegmentOrder.ReadChain([.. finder.Found.Select(static file => file.Header)]);
            finder.KeepChain(finder.Chain);
            finder.DropDead(finder.Chain);
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

    private void KeepChain(EpochChain chain)
    {
        foreach (var foreign in Found.FindAll(file => !SegmentOrder.IsOf(chain, file.Header)))
        {
            foreign.Seal();
            Found.Remove(foreign);
            if (foreign.Length == SegmentHeader.Length && chain.LastOf(foreign.Header.Epoch) is not null)
            {
                DeleteDead(foreign.Name); // The next one of a history that branched off before it was used.
            }
            else
            {
                SetAside(foreign.Name, ".foreign");
            }
        }
    }

    private void DropDead(EpochChain chain)
    {
        foreach (var (file, upTo) in SegmentOrder.FindEnds(chain, Found, static file => file.Header))
        {
            if (file.Header.After >= upTo)
            {
                file.Seal();
                DeleteDead(file.Name);
                Found.Remove(file);
            }
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
