namespace Spillway.Mercure.Patterns;

/// <summary>Splits a whole pattern, such as <c>https://example.com/books/:id</c>, into the patterns of its components.</summary>
internal sealed class PatternSplitter
{
    private readonly string _text;
    private readonly List<Token> _tokens;
    private readonly PatternText _result = new();
    private PatternState _state;
    private int _start;
    private int _index;
    private int _step;
    private int _braces;
    private int _brackets;
    private bool _special;
    private string _fault = "";

    private PatternSplitter(string text, List<Token> tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    /// <param name="text">The pattern.</param>
    /// <param name="parts">What is written of each component.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the pattern.</param>
    public static bool TrySplit(string text, out PatternText parts, out string fault)
    {
        Tokenizer.TryRead(text, lenient: true, out var tokens, out _);
        var splitter = new PatternSplitter(text, tokens);
        while (splitter._state != PatternState.Done && splitter._fault.Length == 0)
        {
            splitter._step = 1;
            splitter.Next();
            splitter._index += splitter._step;
        }

        // Who names a host and no port means the one that goes without saying.
        parts = splitter._result;
        parts.Port ??= parts.Hostname is null ? null : "";
        fault = splitter._fault;
        return fault.Length == 0;
    }

    private void Next()
    {
        switch (_tokens[_index].Kind)
        {
            case TokenKind.End:
                End();
                return;
            case TokenKind.Open:
                _braces++;
                return;
            case TokenKind.Close when _braces > 0:
                _braces--;
                break;
            default:
                if (_braces > 0)
                {
                    return; // No component begins within braces.
                }

                break;
        }

        Step();
    }

    private void End()
    {
        switch (_state)
        {
            case PatternState.Init:
                // No protocol: it is relative to the URL of the hub, and begins with a path, a query or a hash.
                Rewind(PatternState.Init);
                var (state, skip) = Is("#") ? (PatternState.Hash, 1) : IsSearchPrefix() ? (PatternState.Search, 1) : (PatternState.Pathname, 0);
                Change(state, skip);
                break;
            case PatternState.Authority:
                Rewind(PatternState.Hostname);
                break;
            default:
                Change(PatternState.Done, 0);
                break;
        }
    }

    private void Step()
    {
        switch (_state)
        {
            case PatternState.Init when Is(":"):
                Rewind(PatternState.Protocol);
                break;
            case PatternState.Protocol when Is(":"):
                var slashes = Is("/", 1) && Is("/", 2);
                ReadProtocol();
                Change(slashes || _special ? PatternState.Authority : PatternState.Pathname, slashes ? 3 : 1);
                break;
            case PatternState.Authority when Is("@"):
                Rewind(PatternState.Username);
                break;
            case PatternState.Authority when Is("/") || IsSearchPrefix() || Is("#"):
                Rewind(PatternState.Hostname);
                break;
            case PatternState.Username when Is(":"):
                Change(PatternState.Password, 1);
                break;
            case PatternState.Username or PatternState.Password when Is("@"):
                Change(PatternState.Hostname, 1);
                break;
            case PatternState.Hostname when Is("[") || Is("]"):
                _brackets += Is("[") ? 1 : -1;
                break;
            case PatternState.Hostname when Is(":") && _brackets == 0:
                Change(PatternState.Port, 1);
                break;
            case PatternState.Hostname or PatternState.Port when Is("/"):
                Change(PatternState.Pathname, 0);
                break;
            case PatternState.Hostname or PatternState.Port or PatternState.Pathname when IsSearchPrefix():
                Change(PatternState.Search, 1);
                break;
            case PatternState.Hostname or PatternState.Port or PatternState.Pathname or PatternState.Search when Is("#"):
                Change(PatternState.Hash, 1);
                break;
        }
    }

    private void ReadProtocol()
    {
        var groups = UrlPattern.MaxGroups;
        if (Component.TryParse(Written(), ComponentRules.Protocol, ref groups, out var component, out _fault))
        {
            _special = Urls.Schemes.Special.Any(component.Matches);
        }
    }

    /// <summary>Ends the component that was being read. What comes before a component that is written, and is not, is empty.</summary>
    private void Change(PatternState next, int skip)
    {
        Store(_state);
        if (_state != PatternState.Init && next != PatternState.Done)
        {
            _result.Hostname ??= _state < PatternState.Hostname && next > PatternState.Hostname ? "" : null;
            _result.Pathname ??= _state < PatternState.Pathname && next > PatternState.Pathname ? _special ? "/" : "" : null;
            _result.Search ??= _state < PatternState.Search && next > PatternState.Search ? "" : null;
        }

        _state = next;
        _index += skip;
        _start = _index;
        _step = 0;
    }

    private void Store(PatternState state)
    {
        switch (state)
        {
            case PatternState.Protocol:
                _result.Protocol = Written();
                break;
            case PatternState.Username:
                _result.Username = Written();
                break;
            case PatternState.Password:
                _result.Password = Written();
                break;
            case PatternState.Hostname:
                _result.Hostname = Written();
                break;
            case PatternState.Port:
                _result.Port = Written();
                break;
            case PatternState.Pathname:
                _result.Pathname = Written();
                break;
            case PatternState.Search:
                _result.Search = Written();
                break;
            case PatternState.Hash:
                _result.Hash = Written();
                break;
        }
    }

    private void Rewind(PatternState state)
    {
        _index = _start;
        _step = 0;
        _state = state;
    }

    private string Written() => _text[_tokens[Math.Min(_start, _tokens.Count - 1)].Index.._tokens[_index].Index];

    private Token At(int index) => _tokens[Math.Min(index, _tokens.Count - 1)];

    private bool Is(string value, int ahead = 0) =>
        At(_index + ahead) is { Kind: TokenKind.Char or TokenKind.EscapedChar or TokenKind.InvalidChar } token && token.Value == value;

    // A "?" behind a group is its modifier.
    private bool IsSearchPrefix() => Is("?") || (_tokens[_index].Value == "?"
        && (_index == 0 || _tokens[_index - 1].Kind is not (TokenKind.Name or TokenKind.Regexp or TokenKind.Close or TokenKind.Asterisk)));
}
