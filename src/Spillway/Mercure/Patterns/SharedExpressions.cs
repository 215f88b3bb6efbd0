using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Spillway.Mercure.Patterns;

/// <summary>
/// Expressions that do not backtrack, one object for all who ask for the same while anybody holds it: an expression is dear to make and to keep, and
/// patterns that differ in their text only have the same. Any thread.
/// </summary>
internal static class SharedExpressions
{
    // When so many more are known than were held when it was last looked, those that nobody holds are forgotten.
    private const int Forgotten = 256;

    private static readonly ConcurrentDictionary<string, WeakReference<Regex>> Known = new(StringComparer.Ordinal);

    private static int _limit = Forgotten;

    /// <exception cref="NotSupportedException">The engine bounds its states, and the expression has more.</exception>
    public static Regex Of(string expression)
    {
        if (Known.TryGetValue(expression, out var known) && known.TryGetTarget(out var held))
        {
            return held;
        }

        var made = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        Known[expression] = new WeakReference<Regex>(made);
        Forget();
        return made;
    }

    private static void Forget()
    {
        if (Known.Count <= Volatile.Read(ref _limit))
        {
            return;
        }

        foreach (var entry in Known.Where(static entry => !entry.Value.TryGetTarget(out _)))
        {
            Known.TryRemove(entry);
        }

        Volatile.Write(ref _limit, Known.Count + Forgotten);
    }
}
