using System.Buffers.Binary;
using System.Text.Unicode;

namespace Spillway.Transports.WebSocket;

/// <summary>
/// Reads what a client sends, in whatever pieces it comes, by RFC 6455: masks, fragments, control frames between them, the close handshake. Of messages, text is taken.
/// </summary>
/// <param name="maxMessage">The most bytes of a message.</param>
/// <param name="maxFragments">The most fragments of one.</param>
internal sealed class FrameReader(int maxMessage, int maxFragments)
{
    private readonly byte[] _head = new byte[14];
    private int _headLength;
    private int _headNeeded = 2;
    private ulong _left; // Of the frame's payload.
    private int _masked; // Bytes of the payload that were read.
    private byte[] _message = [];
    private int _messageLength;
    private int _fragments;
    private bool _inMessage; // Its last fragment has not come.
    private byte[] _control = [];
    private int _controlLength;

    /// <summary>After <see cref="FrameEvent.Message"/>, until the next call.</summary>
    public ReadOnlySpan<byte> Message => _message.AsSpan(0, _messageLength);

    /// <summary>The payload of a ping, pong or close, until the next call.</summary>
    public ReadOnlySpan<byte> Control => _control.AsSpan(0, _controlLength);

    /// <summary>After <see cref="FrameEvent.Fault"/>: what it is.</summary>
    public ClientFault Fault { get; private set; }

    /// <summary>After <see cref="FrameEvent.Fault"/>: what to tell the client. After <see cref="FrameEvent.Close"/>: the client's code.</summary>
    public CloseCode Code { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>Bytes held for messages that are not whole.</summary>
    public int HeldBytes => _message.Length + _control.Length;

    /// <summary>Whether it stands between two messages, and is like new.</summary>
    public bool IsBetween => Code == default && !_inMessage && _headLength == 0;

    /// <summary>Whether these are its limits.</summary>
    public bool Has(int messageBytes, int fragments) => (messageBytes, fragments) == (maxMessage, maxFragments);

    private Opcode Opcode => (Opcode)(_head[0] & 0x0F);

    private bool IsFinal => (_head[0] & 0x80) != 0;

    private bool IsControl => (_head[0] & 0x08) != 0;

    /// <summary>Takes bytes from the front of <paramref name="input"/> until something is whole.</summary>
    public FrameEvent Read(ref ReadOnlySpan<byte> input)
    {
        if (IsBetween && _message.Length > 0)
        {
            (_message, _messageLength) = ([], 0); // A connection that says nothing holds nothing.
        }

        while (!input.IsEmpty && Code == default)
        {
            if (_headLength < _headNeeded)
            {
                var taken = Math.Min(_headNeeded - _headLength, input.Length);
                input[..taken].CopyTo(_head.AsSpan(_headLength));
                _headLength += taken;
                input = input[taken..];
                if (_headLength < _headNeeded || !TakeHead())
                {
                    continue;
                }
            }

            var part = (int)Math.Min(_left, (ulong)input.Length);
            TakePayload(input[..part]);
            input = input[part..];
            _left -= (ulong)part;
            if (_left == 0 && TakeFrame() is not FrameEvent.None and var found)
            {
                return found;
            }
        }

        return Code == default ? FrameEvent.None : FrameEvent.Fault;
    }

    /// <summary>Reads the head as far as it has come. True: the payload follows.</summary>
    private bool TakeHead()
    {
        if (_headLength == 2)
        {
            if (FindFault() is (not ClientFault.None and var fault, var reason))
            {
                Fail(fault, reason);
                return false;
            }

            var length = _head[1] & 0x7F;
            _headNeeded = 2 + 4 + (length == 127 ? 8 : length == 126 ? 2 : 0);
            return false;
        }

        var (given, at) = (_head[1] & 0x7F, _headLength - 4);
        _left = given switch
        {
            127 => BinaryPrimitives.ReadUInt64BigEndian(_head.AsSpan(2)),
            126 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            _ => (ulong)given,
        };
        if ((given == 127 && _left is <= ushort.MaxValue or > long.MaxValue) || (given == 126 && _left < 126))
        {
            Fail(ClientFault.LengthForm, "The length of a frame is not in its shortest form.");
            return false;
        }

        return Begin(at);
    }

    private (ClientFault Fault, string Reason) FindFault()
    {
        if ((_head[0] & 0x70) != 0)
        {
            return (ClientFault.ReservedBit, "A reserved bit is set; no extension was agreed upon.");
        }

        if ((_head[1] & 0x80) == 0)
        {
            return (ClientFault.NotMasked, "A frame is not masked.");
        }

        if (!Enum.IsDefined(Opcode))
        {
            return (ClientFault.ReservedOpcode, "A frame has a reserved opcode.");
        }

        if (IsControl)
        {
            return !IsFinal ? (ClientFault.FragmentedControl, "A control frame is fragmented.")
                : (_head[1] & 0x7F) > Frames.MaxControl ? (ClientFault.LongControl, "A control frame is longer than 125 bytes.") : default;
        }

        return (Opcode == Opcode.Continuation) == _inMessage ? default
            : (ClientFault.FragmentOrder, _inMessage ? "A message begins within another." : "A continuation has nothing to continue.");
    }

    /// <summary>A frame's payload begins. <paramref name="maskAt"/>: where in the head its mask is.</summary>
    private bool Begin(int maskAt)
    {
        _head.AsSpan(maskAt, 4).CopyTo(_head.AsSpan(10)); // Always there while it is used.
        _masked = 0;
        if (IsControl)
        {
            if (_control.Length == 0)
            {
                _control = new byte[Frames.MaxControl];
            }

            _controlLength = 0;
            return true;
        }

        if (Opcode == Opcode.Binary)
        {
            Fail(ClientFault.Binary, "Commands are text messages.");
            return false;
        }

        if (!_inMessage)
        {
            (_messageLength, _fragments) = (0, 0);
        }

        if (++_fragments > maxFragments)
        {
            Fail(ClientFault.TooManyFragments, $"A message may have {maxFragments} fragments (WebSocket:MessageFragments).");
            return false;
        }

        if (_left > (ulong)(maxMessage - _messageLength))
        {
            Fail(ClientFault.TooLong, $"A message may have {maxMessage} bytes (WebSocket:MessageBytes).");
            return false;
        }

        if (_message.Length < _messageLength + (int)_left)
        {
            Array.Resize(ref _message, Math.Min(maxMessage, Math.Max(_messageLength + (int)_left, _message.Length * 2)));
        }

        return true;
    }

    private void TakePayload(ReadOnlySpan<byte> bytes)
    {
        var into = IsControl ? _control.AsSpan(_controlLength) : _message.AsSpan(_messageLength);
        for (var i = 0; i < bytes.Length; i++)
        {
            into[i] = (byte)(bytes[i] ^ _head[10 + ((_masked + i) & 3)]);
        }

        _masked += bytes.Length;
        if (IsControl)
        {
            _controlLength += bytes.Length;
        }
        else
        {
            _messageLength += bytes.Length;
        }
    }

    /// <summary>A frame is whole.</summary>
    private FrameEvent TakeFrame()
    {
        var opcode = Opcode;
        (_headLength, _headNeeded) = (0, 2);
        switch (opcode)
        {
            case Opcode.Ping:
                return FrameEvent.Ping;
            case Opcode.Pong:
                return FrameEvent.Pong;
            case Opcode.Close:
                return TakeClose();
        }

        _inMessage = !IsFinal;
        if (_inMessage)
        {
            return FrameEvent.None;
        }

        return Utf8.IsValid(Message) ? FrameEvent.Message : Fail(ClientFault.InvalidText, "A text message is not valid UTF-8.");
    }

    private FrameEvent TakeClose()
    {
        if (_controlLength == 0)
        {
            Code = CloseCode.Normal;
            return FrameEvent.Close;
        }

        var code = _controlLength == 1 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_control);
        if (code is < 1000 or 1004 or 1005 or 1006 or 1015 or (> 1015 and < 3000) or > 4999)
        {
            return Fail(ClientFault.CloseCode, "A close frame has a code that may not be sent.");
        }

        if (!Utf8.IsValid(_control.AsSpan(2, _controlLength - 2)))
        {
            return Fail(ClientFault.InvalidText, "The reason of a close frame is not valid UTF-8.");
        }

        Code = (CloseCode)code;
        return FrameEvent.Close;
    }

    private FrameEvent Fail(ClientFault fault, string reason)
    {
        (Fault, Reason) = (fault, reason);
        Code = fault switch
        {
            ClientFault.Binary => CloseCode.Unsupported,
            ClientFault.InvalidText => CloseCode.InvalidText,
            ClientFault.TooLong or ClientFault.TooManyFragments => CloseCode.TooBig,
            _ => CloseCode.ProtocolError,
        };
        return FrameEvent.Fault;
    }
}
