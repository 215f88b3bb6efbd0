using System.Buffers;
using System.Text;

namespace Spillway.Mercure.Patterns;

/// <summary>
/// A URI template that is matched by comparing from left to right: text, and values that end where the text behind them begins. At each step there is
/// one way to go on, so that no search is needed.
/// </summary>
internal sealed class DirectTemplate
{
    private static readonly SearchValues<byte> Simple = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%,"u8);

    private static readonly SearchValues<byte> Reserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:/?#[]@!$&'()*+,;="u8);

    private readonly (byte[]? Text, SearchValues<byte> Value)[] _steps;

    private DirectTemplate((byte[]? Text, SearchValues<byte> Value)[] steps)
    {
        _steps = steps;
    }

    /// <summary>The match for a template; null where it needs a search.</summary>
    public static DirectTemplate? From(List<TemplatePiece> pieces)
    {
        var steps = new (byte[]? Text, SearchValues<byte> Value)[pieces.Count];
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            if (piece.Operator is null)
            {
                if (!Ascii.IsValid(piece.Text))
                {
                    return null; // It may be encoded or not.
                }

                steps[i] = (Encoding.ASCII.GetBytes(piece.Text), Simple);
                continue;
            }

            var alphabet = piece.Operator.Reserved ? Reserved : Simple;
            var ends = i == pieces.Count - 1 || (pieces[i + 1].Operator is null && Ascii.IsValid(pieces[i + 1].Text) && !alphabet.Contains((byte)pieces[i + 1].Text[0]));
            if (!ends || piece.Operator.First.Length > 0 || piece.Variables is not [{ Explodes: false, MaxLength: null }])
            {
                return null;
            }

            steps[i] = (null, alphabet);
        }

        return new DirectTemplate(steps);
    }

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        foreach (var (text, value) in _steps)
        {
            var length = text?.Length ?? topic.IndexOfAnyExcept(value);
            length = length < 0 ? topic.Length : length;
            if (text is null ? !TripletsAreWhole(topic[..length]) : !topic.StartsWith(text))
            {
                return false;
            }

            topic = topic[length..];
        }

        return topic.IsEmpty;
    }

    private static bool TripletsAreWhole(ReadOnlySpan<byte> value)
    {
        for (var percent = value.IndexOf((byte)'%'); percent >= 0; percent = value.IndexOf((byte)'%'))
        {
            if (percent + 2 >= value.Length || !char.IsAsciiHexDigit((char)value[percent + 1]) || !char.IsAsciiHexDigit((char)value[percent + 2]))
            {
                return false;
            }

            value = value[(percent + 3)..];
        }

        return true;
    }
}
