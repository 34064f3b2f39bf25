"""Say what each client has to file

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-23 18:15:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('client_obligations',
    sa.Column('build', sa.String(length=10), nullable=False),
    sa.Column('since', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('until', sa.Integer(), nullable=False),
    sa.Column('forms', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['build'], ['clients.build'], name=op.f('fk_client_obligations_build_clients'), onupdate='CASCADE', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('build', 'since', name=op.f('pk_client_obligations'))
    )


def downgrade():
    op.drop_table('client_obligations')
