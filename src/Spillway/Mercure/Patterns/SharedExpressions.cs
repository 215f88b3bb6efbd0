using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Spillway.Mercure.Patterns;

/// <summary>
/// Expressions that do not backtrack, one object for all who ask for the same while anybody holds it: an expression is dear to make and to keep, and
/// patterns that differ in their text only have the same. Any thread.
/// </summary>
/// <param name="most">How many there may be.</param>
/// <param name="clock">The clock.</param>
/// <param name="collect">Has the runtime look who is held; null: as it does.</param>
internal sealed class SharedExpressions(int most, TimeProvider clock, Action? collect = null)
{
    // When so many more are known than were held when it was last looked, those that nobody holds are forgotten.
    private const int Forgotten = 256;

    private static readonly TimeSpan CollectEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WeakReference<Regex>> _known = new(StringComparer.Ordinal);
    private int _making;
    private int _lookAt = Forgotten;
    private long _refused;
    private long? _collected;

    /// <summary>For patterns that nobody from outside sends.</summary>
    public static SharedExpressions Unbounded { get; } = new(int.MaxValue, TimeProvider.System);

    /// <summary>How many there are; those that nobody holds count until that is found out.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _known.Count + _making;
            }
        }
    }

    /// <summary>How often there would have been more than there may be.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The expression of a text; false: there would be too many.</summary>
    /// <exception cref="NotSupportedException">The engine bounds its states, and the expression has more.</exception>
    public bool TryGet(string expression, [NotNullWhen(true)] out Regex? regex)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(expression, out var known) && known.TryGetTarget(out regex))
            {
                return true;
            }

            if (!HasRoom())
            {
                _refused++;
                regex = null;
                return false;
            }

            _making++;
        }

        Regex? made = null;
        try
        {
            made = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline); // Takes milliseconds: not under the lock.
        }
        finally
        {
            lock (_gate)
            {
                _making--;
                if (made is not null && _known.TryGetValue(expression, out var other) && other.TryGetTarget(out var first))
                {
                    made = first; // Somebody else has made it meanwhile: what nobody counts is bounded by nothing.
                }
                else if (made is not null)
                {
                    _known[expression] = new WeakReference<Regex>(made);
                }
            }
        }

        regex = made;
        return true;
    }

    /// <summary>What is said of a pattern that finds no room, as the end of a sentence about it.</summary>
    public string FaultOfMany() =>
        $"needs a regular expression of its own, and the hub has the {most} that Mercure:Expressions allows; write it with text, whole segments and one \"*\", which need none, or come back later";

    private static void CollectInTheBackground() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);

    private bool HasRoom()
    {
        if (_known.Count + _making >= Math.Min(most, _lookAt))
        {
            foreach (var (text, _) in _known.Where(static entry => !entry.Value.TryGetTarget(out _)).ToList())
            {
                _known.Remove(text);
            }

            _lookAt = _known.Count + Forgotten;
        }

        if (_known.Count + _making < most)
        {
            return true;
        }

        // A hub at rest allocates nothing, and so would never learn that who held them has left.
        if (_collected is not { } last || clock.GetElapsedTime(last) >= CollectEvery)
        {
            _collected = clock.GetTimestamp();
            (collect ?? CollectInTheBackground)();
        }

        return false;
    }
}
