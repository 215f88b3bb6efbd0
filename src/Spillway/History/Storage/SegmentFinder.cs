using Microsoft.Extensions.Logging;

namespace Spillway.History.Storage;

/// <summary>Finds the segments in a directory and puts aside what is none.</summary>
internal sealed partial class SegmentFinder
{
    private readonly ILogger _logger;

    private SegmentFinder(ILogger logger)
    {
        _logger = logger;
    }

    /// <summary>Oldest first, all of one epoch.</summary>
    public List<SegmentFile> Found { get; private set; } = [];

    /// <summary>Name of the newest file whose header could not be read; names rise with offsets.</summary>
    public string? NewestDamaged { get; private set; }

    /// <param name="epoch">The history's; null: that of the newest segment.</param>
    public static SegmentFinder Find(string directory, string extension, ulong? epoch, ILogger logger)
    {
        var finder = new SegmentFinder(logger);
        foreach (var path in Directory.EnumerateFiles(directory, "*" + extension).Order(StringComparer.Ordinal))
        {
            finder.Look(path);
        }

        finder.Found = [.. finder.Found.OrderBy(static file => file.Header.After).ThenBy(static file => file.Header.Number)];
        if (finder.Found.Count > 0)
        {
            finder.KeepEpoch(epoch ?? finder.Found[^1].Header.Epoch);
        }

        return finder;
    }

    private void Look(string path)
    {
        if (SegmentFile.TryOpen(path, _logger) is { } file)
        {
            Found.Add(file);
        }
        else if (new FileInfo(path).Length < SegmentHeader.Length)
        {
            File.Delete(path); // A crash came between making the file and writing its head: no record can be in it.
            Log.StubDeleted(_logger, path);
        }
        else
        {
            NewestDamaged = Path.GetFileName(path);
            SetAside(path, ".damaged");
        }
    }

    private void KeepEpoch(ulong epoch)
    {
        foreach (var foreign in Found.FindAll(file => file.Header.Epoch != epoch))
        {
            foreign.Seal();
            SetAside(foreign.Path, ".foreign");
            Found.Remove(foreign);
        }
    }

    private void SetAside(string path, string suffix)
    {
        File.Move(path, path + suffix, overwrite: true);
        Log.SetAside(_logger, path, path + suffix);
    }
}
