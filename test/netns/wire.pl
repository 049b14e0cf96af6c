# A wire with a length and faults, between two namespaces: perl wire.pl ONE TWO DELAY LOSS SEED
# Makes the TUN devices ONE and TWO and carries packets between them, each way after DELAY ms; of 1000 packets about LOSS are lost.
# Says "ready" when the devices are there, and ends with its input. Kernels have netem for this, but not every kernel has netem.
use strict;
use warnings;
use Fcntl;
use Time::HiRes qw(time);

my ($one, $two, $delay, $loss, $seed) = @ARGV;
srand($seed);

sub device {
  my ($name) = @_;
  sysopen(my $file, '/dev/net/tun', O_RDWR) or die "/dev/net/tun: $!\n";
  ioctl($file, 0x400454ca, pack('a16 S x22', $name, 0x1001)) or die "TUNSETIFF $name: $!\n";    # IFF_TUN | IFF_NO_PI
  return $file;
}

my @ends = (device($one), device($two));
$| = 1;
print "ready\n";
my @under_way;
while (1) {
  my $bits = '';
  vec($bits, fileno($_), 1) = 1 for @ends, \*STDIN;
  my $wait = @under_way ? $under_way[0][0] - time() : 3600;
  select($bits, undef, undef, $wait > 0 ? $wait : 0);
  exit if vec($bits, fileno(STDIN), 1);
  for my $side (0, 1) {
    next unless vec($bits, fileno($ends[$side]), 1);
    sysread($ends[$side], my $packet, 65536) or next;
    push @under_way, [time() + $delay / 1000, $ends[1 - $side], $packet] unless rand(1000) < $loss;
  }
  while (@under_way && $under_way[0][0] <= time()) {
    my $arrived = shift @under_way;
    syswrite($arrived->[1], $arrived->[2]);
  }
}
