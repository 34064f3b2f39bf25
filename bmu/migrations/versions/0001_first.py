"""The first shape of the database

Revision ID: 0001
Revises: 
Create Date: 2026-11-23 12:32:31.080361

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    
    op.create_table('change_log',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('entity', sa.String(length=32), nullable=False),
    sa.Column('entity_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('page', sa.String(length=16), nullable=True),
    sa.Column('actor', sa.String(length=50), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=True),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_change_log'))
    )
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.create_index('ix_change_log_row', ['entity', 'entity_id', 'version'], unique=False)

    op.create_table('clients',
    sa.Column('build', sa.String(length=10), nullable=False),
    sa.Column('build_order', sa.BigInteger(), nullable=False),
    sa.Column('company_name', sa.String(length=500), nullable=False),
    sa.Column('company_sort', sa.String(length=500), nullable=False),
    sa.Column('business_type', sa.String(length=50), nullable=True),
    sa.Column('legal_entity_number', sa.String(length=13), nullable=True),
    sa.Column('establishment_date', sa.Date(), nullable=True),
    sa.Column('business_category', sa.String(length=200), nullable=True),
    sa.Column('business_subcategory', sa.String(length=200), nullable=True),
    sa.Column('company_size', sa.String(length=3), nullable=True),
    sa.Column('tax_registration_status', sa.String(length=50), nullable=True),
    sa.Column('vat_registration_date', sa.Date(), nullable=True),
    sa.Column('full_address', sa.Text(), nullable=True),
    sa.Column('village', sa.String(length=100), nullable=True),
    sa.Column('building', sa.String(length=100), nullable=True),
    sa.Column('room_number', sa.String(length=20), nullable=True),
    sa.Column('floor_number', sa.String(length=20), nullable=True),
    sa.Column('address_number', sa.String(length=50), nullable=True),
    sa.Column('soi', sa.String(length=100), nullable=True),
    sa.Column('moo', sa.String(length=20), nullable=True),
    sa.Column('road', sa.String(length=100), nullable=True),
    sa.Column('subdistrict', sa.String(length=100), nullable=True),
    sa.Column('district', sa.String(length=100), nullable=True),
    sa.Column('province', sa.String(length=100), nullable=True),
    sa.Column('postal_code', sa.String(length=5), nullable=True),
    sa.Column('company_status', sa.String(length=50), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('archived_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('updated_by', sa.String(length=50), nullable=True),
    sa.CheckConstraint("business_type IN ('บริษัทจำกัด', 'บริษัทมหาชนจำกัด', 'ห้างหุ้นส่วน')", name=op.f('ck_clients_business_type')),
    sa.CheckConstraint("company_size IN ('SS', 'S', 'MM', 'M', 'LL', 'L', 'XL', 'XXL')", name=op.f('ck_clients_company_size')),
    sa.CheckConstraint("company_status IN ('รายเดือน', 'รายเดือน / วางมือ', 'รายเดือน / จ่ายรายปี', 'รายเดือน / เดือนสุดท้าย', 'ยกเลิกทำ')", name=op.f('ck_clients_company_status')),
    sa.CheckConstraint("tax_registration_status IN ('จดภาษีมูลค่าเพิ่ม', 'ยังไม่จดภาษีมูลค่าเพิ่ม')", name=op.f('ck_clients_tax_registration_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clients')),
    sa.UniqueConstraint('build', name=op.f('uq_clients_build'))
    )
    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clients_build_order'), ['build_order'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_legal_entity_number'), ['legal_entity_number'], unique=False)

    op.create_table('counters',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('value', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_counters'))
    )
    op.create_table('employees',
    sa.Column('employee_id', sa.String(length=20), nullable=False),
    sa.Column('first_name', sa.String(length=100), nullable=False),
    sa.Column('last_name', sa.String(length=100), nullable=False),
    sa.Column('nick_name', sa.String(length=50), nullable=True),
    sa.Column('position', sa.String(length=100), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('updated_by', sa.String(length=50), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employees')),
    sa.UniqueConstraint('employee_id', name=op.f('uq_employees_employee_id'))
    )
    op.create_table('idempotent_answers',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'key', name=op.f('pk_idempotent_answers'))
    )
    with op.batch_alter_table('idempotent_answers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotent_answers_at'), ['at'], unique=False)

    op.create_table('sign_in_attempts',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('username', sa.String(length=50), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('bucket', sa.String(length=120), nullable=False),
    sa.Column('network', sa.String(length=45), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempts'))
    )
    with op.batch_alter_table('sign_in_attempts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_attempts_at'), ['at'], unique=False)
        batch_op.create_index('ix_sign_in_attempts_bucket_at', ['bucket', 'at'], unique=False)
        batch_op.create_index('ix_sign_in_attempts_network_at', ['network', 'at'], unique=False)

    op.create_table('change_audience',
    sa.Column('employee_id', sa.String(length=20), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['seq'], ['change_log.seq'], name=op.f('fk_change_audience_seq_change_log'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('employee_id', 'seq', name=op.f('pk_change_audience'))
    )
    op.create_table('monthly_tax_data',
    sa.Column('build', sa.String(length=10), nullable=False),
    sa.Column('tax_year', sa.Integer(), nullable=False),
    sa.Column('tax_month', sa.Integer(), nullable=False),
    sa.Column('accounting_responsible', sa.String(length=20), nullable=True),
    sa.Column('original_accounting_responsible', sa.String(length=20), nullable=True),
    sa.Column('tax_inspection_responsible', sa.String(length=20), nullable=True),
    sa.Column('original_tax_inspection_responsible', sa.String(length=20), nullable=True),
    sa.Column('wht_filer_current_employee_id', sa.String(length=20), nullable=True),
    sa.Column('original_wht_filer_employee_id', sa.String(length=20), nullable=True),
    sa.Column('vat_filer_current_employee_id', sa.String(length=20), nullable=True),
    sa.Column('original_vat_filer_employee_id', sa.String(length=20), nullable=True),
    sa.Column('document_entry_responsible', sa.String(length=20), nullable=True),
    sa.Column('original_document_entry_responsible', sa.String(length=20), nullable=True),
    sa.Column('document_received_date', sa.Date(), nullable=True),
    sa.Column('document_status', sa.String(length=40), nullable=True),
    sa.Column('accounting_record_status', sa.String(length=40), nullable=True),
    sa.Column('bank_statement_status', sa.String(length=40), nullable=True),
    sa.Column('monthly_tax_impact', sa.String(length=40), nullable=True),
    sa.Column('bank_impact', sa.String(length=40), nullable=True),
    sa.Column('pnd_sent_for_review_date', sa.DateTime(), nullable=True),
    sa.Column('pnd_review_returned_date', sa.DateTime(), nullable=True),
    sa.Column('pnd_sent_to_customer_date', sa.DateTime(), nullable=True),
    sa.Column('wht_draft_completed_date', sa.DateTime(), nullable=True),
    sa.Column('pnd_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_1_40_1_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_1_40_1_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pnd_1_40_2_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_1_40_2_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pnd_3_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_3_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pnd_53_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_53_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pp_36_status', sa.String(length=40), nullable=True),
    sa.Column('pp_36_attachment_count', sa.Integer(), nullable=True),
    sa.Column('student_loan_form_status', sa.String(length=40), nullable=True),
    sa.Column('student_loan_form_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pnd_2_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_2_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pnd_54_status', sa.String(length=40), nullable=True),
    sa.Column('pnd_54_attachment_count', sa.Integer(), nullable=True),
    sa.Column('pt_40_status', sa.String(length=40), nullable=True),
    sa.Column('pt_40_attachment_count', sa.Integer(), nullable=True),
    sa.Column('social_security_form_status', sa.String(length=40), nullable=True),
    sa.Column('social_security_form_attachment_count', sa.Integer(), nullable=True),
    sa.Column('wht_inquiry', sa.Text(), nullable=True),
    sa.Column('wht_response', sa.Text(), nullable=True),
    sa.Column('wht_submission_comment', sa.Text(), nullable=True),
    sa.Column('wht_filing_response', sa.Text(), nullable=True),
    sa.Column('pp30_sent_for_review_date', sa.DateTime(), nullable=True),
    sa.Column('pp30_review_returned_date', sa.DateTime(), nullable=True),
    sa.Column('pp30_sent_to_customer_date', sa.DateTime(), nullable=True),
    sa.Column('vat_draft_completed_date', sa.DateTime(), nullable=True),
    sa.Column('pp30_status', sa.String(length=40), nullable=True),
    sa.Column('purchase_document_count', sa.Integer(), nullable=True),
    sa.Column('income_confirmed', sa.String(length=40), nullable=True),
    sa.Column('expenses_confirmed', sa.String(length=40), nullable=True),
    sa.Column('pp30_payment_status', sa.String(length=40), nullable=True),
    sa.Column('pp30_payment_amount', sa.Numeric(precision=15, scale=2), nullable=True),
    sa.Column('pp30_inquiry', sa.Text(), nullable=True),
    sa.Column('pp30_response', sa.Text(), nullable=True),
    sa.Column('pp30_submission_comment', sa.Text(), nullable=True),
    sa.Column('pp30_filing_response', sa.Text(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('updated_by', sa.String(length=50), nullable=True),
    sa.CheckConstraint('pp30_payment_amount IS NULL OR pp30_payment_amount >= 0', name=op.f('ck_monthly_tax_data_amount')),
    sa.CheckConstraint('tax_month BETWEEN 1 AND 12', name=op.f('ck_monthly_tax_data_month')),
    sa.ForeignKeyConstraint(['accounting_responsible'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_accounting_responsible_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['build'], ['clients.build'], name=op.f('fk_monthly_tax_data_build_clients'), onupdate='CASCADE'),
    sa.ForeignKeyConstraint(['document_entry_responsible'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_document_entry_responsible_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['original_accounting_responsible'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_original_accounting_responsible_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['original_document_entry_responsible'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_original_document_entry_responsible_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['original_tax_inspection_responsible'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_original_tax_inspection_responsible_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['original_vat_filer_employee_id'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_original_vat_filer_employee_id_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['original_wht_filer_employee_id'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_original_wht_filer_employee_id_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['tax_inspection_responsible'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_tax_inspection_responsible_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['vat_filer_current_employee_id'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_vat_filer_current_employee_id_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['wht_filer_current_employee_id'], ['employees.employee_id'], name=op.f('fk_monthly_tax_data_wht_filer_current_employee_id_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_monthly_tax_data')),
    sa.UniqueConstraint('build', 'tax_year', 'tax_month', name=op.f('uq_monthly_tax_data_build_tax_year_tax_month'))
    )
    with op.batch_alter_table('monthly_tax_data', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_monthly_tax_data_accounting_responsible_tax_year_tax_month'), ['accounting_responsible', 'tax_year', 'tax_month'], unique=False)
        batch_op.create_index(batch_op.f('ix_monthly_tax_data_document_entry_responsible_tax_year_tax_month'), ['document_entry_responsible', 'tax_year', 'tax_month'], unique=False)
        batch_op.create_index(batch_op.f('ix_monthly_tax_data_tax_inspection_responsible_tax_year_tax_month'), ['tax_inspection_responsible', 'tax_year', 'tax_month'], unique=False)
        batch_op.create_index(batch_op.f('ix_monthly_tax_data_tax_year_tax_month'), ['tax_year', 'tax_month'], unique=False)
        batch_op.create_index(batch_op.f('ix_monthly_tax_data_vat_filer_current_employee_id_tax_year_tax_month'), ['vat_filer_current_employee_id', 'tax_year', 'tax_month'], unique=False)
        batch_op.create_index(batch_op.f('ix_monthly_tax_data_wht_filer_current_employee_id_tax_year_tax_month'), ['wht_filer_current_employee_id', 'tax_year', 'tax_month'], unique=False)

    op.create_table('users',
    sa.Column('username', sa.String(length=50), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('employee_id', sa.String(length=20), nullable=True),
    sa.Column('role', sa.String(length=30), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=True),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('password_changed_at', sa.DateTime(), nullable=True),
    sa.Column('last_login_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('updated_by', sa.String(length=50), nullable=True),
    sa.CheckConstraint("role IN ('admin', 'data_entry', 'data_entry_and_service', 'audit', 'service', 'hr', 'registration', 'marketing')", name=op.f('ck_users_role')),
    sa.ForeignKeyConstraint(['employee_id'], ['employees.employee_id'], name=op.f('fk_users_employee_id_employees'), onupdate='CASCADE', ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('username', name=op.f('uq_users_username'))
    )
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_users_employee_id'), ['employee_id'], unique=False)

    op.create_table('known_devices',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('device_hash', sa.String(length=64), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_known_devices_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'device_hash', name=op.f('pk_known_devices'))
    )
    op.create_table('user_sessions',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('refresh_jti', sa.String(length=36), nullable=False),
    sa.Column('previous_jti', sa.String(length=36), nullable=True),
    sa.Column('rotated_at', sa.DateTime(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('end_reason', sa.String(length=20), nullable=True),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_sessions_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_sessions'))
    )
    with op.batch_alter_table('user_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_sessions_user_id'), ['user_id'], unique=False)

    


def downgrade():
    
    with op.batch_alter_table('user_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_sessions_user_id'))

    op.drop_table('user_sessions')
    op.drop_table('known_devices')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_users_employee_id'))

    op.drop_table('users')
    with op.batch_alter_table('monthly_tax_data', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_monthly_tax_data_wht_filer_current_employee_id_tax_year_tax_month'))
        batch_op.drop_index(batch_op.f('ix_monthly_tax_data_vat_filer_current_employee_id_tax_year_tax_month'))
        batch_op.drop_index(batch_op.f('ix_monthly_tax_data_tax_year_tax_month'))
        batch_op.drop_index(batch_op.f('ix_monthly_tax_data_tax_inspection_responsible_tax_year_tax_month'))
        batch_op.drop_index(batch_op.f('ix_monthly_tax_data_document_entry_responsible_tax_year_tax_month'))
        batch_op.drop_index(batch_op.f('ix_monthly_tax_data_accounting_responsible_tax_year_tax_month'))

    op.drop_table('monthly_tax_data')
    op.drop_table('change_audience')
    with op.batch_alter_table('sign_in_attempts', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempts_network_at')
        batch_op.drop_index('ix_sign_in_attempts_bucket_at')
        batch_op.drop_index(batch_op.f('ix_sign_in_attempts_at'))

    op.drop_table('sign_in_attempts')
    with op.batch_alter_table('idempotent_answers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotent_answers_at'))

    op.drop_table('idempotent_answers')
    op.drop_table('employees')
    op.drop_table('counters')
    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clients_legal_entity_number'))
        batch_op.drop_index(batch_op.f('ix_clients_build_order'))

    op.drop_table('clients')
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.drop_index('ix_change_log_row')

    op.drop_table('change_log')
    
