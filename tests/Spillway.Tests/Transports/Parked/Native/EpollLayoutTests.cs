using System.Runtime.InteropServices;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked.Native;

public sealed class EpollLayoutTests
{
    [Theory]
    [InlineData(Architecture.X64, 12, 4)]
    [InlineData(Architecture.X86, 12, 4)]
    [InlineData(Architecture.Arm64, 16, 8)]
    [InlineData(Architecture.LoongArch64, 16, 8)]
    [InlineData(Architecture.RiscV64, 16, 8)]
    public void Of_Architecture_IsThatOfItsKernel(Architecture architecture, int size, int dataOffset) =>
        Assert.Equal((size, dataOffset), (EpollLayout.Of(architecture).Size, EpollLayout.Of(architecture).DataOffset));

    [Theory]
    [InlineData(Architecture.X64, "01200080" + "8877665544332211")]
    [InlineData(Architecture.Arm64, "01200080" + "00000000" + "8877665544332211")]
    public void Write_Item_LaysItOutAsTheKernelDoes(Architecture architecture, string expected)
    {
        var layout = EpollLayout.Of(architecture);
        var item = new byte[layout.Size];

        layout.Write(item, SocketEvents.In | SocketEvents.PeerHangUp | SocketEvents.EdgeTriggered, 0x1122334455667788);

        Assert.Equal(expected, Convert.ToHexString(item));
        Assert.Equal(new ReadyEvent(SocketEvents.In | SocketEvents.PeerHangUp | SocketEvents.EdgeTriggered, 0x1122334455667788), layout.Read(item));
    }
}
