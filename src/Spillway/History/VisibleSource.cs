namespace Spillway.History;

/// <summary>The records that a pattern over more than topics selects: public ones of one matcher, or private ones that two matchers have in common.</summary>
internal sealed class VisibleSource(SharedSource first, SharedSource? second, bool isPrivate, Stretch stretch)
{
    /// <summary>Whether any record may be one: <see cref="Next"/> says nothing.</summary>
    public bool IsBroad => first.IsBroad && second?.IsBroad != false;

    /// <summary>No record before this one is selected.</summary>
    public int Next() => second is null ? first.Next() : Math.Max(first.Next(), second.Next());

    /// <summary>Sets the bits of its records in the walk's stretch.</summary>
    public void Set(ulong[] bits)
    {
        // Postings before tests: then few are left to be tested.
        var (lead, other) = second is { IsBroad: false } && first.IsBroad ? (second, first) : (first, second);
        for (var word = 0; word < bits.Length; word++)
        {
            var left = stretch.All(word) & ~bits[word];
            left = lead.IsBroad ? left : lead.Of(word, left);
            if (left == 0)
            {
                continue;
            }

            left &= stretch.Visible(word, isPrivate);
            left = lead.IsBroad ? lead.Of(word, left) : left;
            bits[word] |= other is null || left == 0 ? left : other.Of(word, left);
        }
    }
}
